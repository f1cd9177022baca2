import PortlessCore

/// The new ports for the declarations of a project.
struct PortChanges {
    private struct Target: Hashable {
        var process: String?
        var label: String?
        var old: Port
    }

    private var targets: [Target: Port] = [:]

    /// The leased port of a label becomes its port; a port that must not stay is replaced wherever
    /// the project names it.
    init(
        _ findings: [PortFinding],
        choosing choose: (Int) throws -> [Port],
    ) throws {
        for finding in findings where finding.rule == .differsFromLease {
            guard let old = finding.port, let wanted = finding.wanted else { continue }
            targets[Target(process: nil, label: finding.label, old: old)] = wanted
        }
        var open: [Target] = []
        for finding in findings where finding.rule != .differsFromLease {
            guard let old = finding.port else { continue }
            let leased = targets[Target(process: nil, label: finding.label, old: old)]
            guard leased == nil else { continue }
            // Of two processes that listen on one port, only the second one changes.
            let isWithin = finding.rule == .duplicateProcess
            let target = Target(
                process: isWithin ? finding.process : nil,
                label: isWithin ? finding.label : nil,
                old: old,
            )
            if !open.contains(target) { open.append(target) }
        }
        guard !open.isEmpty else { return }
        for (target, port) in zip(open, try choose(open.count)) { targets[target] = port }
    }

    var isEmpty: Bool { targets.isEmpty }

    /// The new port of a declaration, from the most specific target; nil where it stays.
    func port(for source: PortSource, of process: String) -> Port? {
        let old = source.port
        return targets[Target(process: process, label: source.label, old: old)]
            ?? targets[Target(process: nil, label: source.label, old: old)]
            ?? targets[Target(process: nil, label: nil, old: old)]
    }
}

/// The differing lines of two texts with the same number of lines, in the form of `diff -u0`.
package enum LineDiff {
    package static func text(file: String, old: [UInt8], new: [UInt8]) -> String {
        var lines = ["--- a/\(file)", "+++ b/\(file)"]
        let pairs = zip(split(old), split(new)).enumerated()
        for (index, pair) in pairs where pair.0 != pair.1 {
            lines.append("@@ -\(index + 1) +\(index + 1) @@")
            lines.append("-" + String(decoding: pair.0, as: UTF8.self))
            lines.append("+" + String(decoding: pair.1, as: UTF8.self))
        }
        return lines.joined(separator: "\n")
    }

    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }
}
