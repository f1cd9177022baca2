import Foundation

/// The commands that the program's own help lists.
enum CommandList {
    /// Such as `list` and `ports find`; the empty one stands for a run, which begins with a name.
    static func listed(by sandbox: Sandbox) async throws -> Set<String> {
        let main = try await sandbox.portless("--help").output
        var found = commands(in: withoutExamples(main))
        for word in Set(found.compactMap { $0.split(separator: " ").first }) {
            let help = withoutExamples(
                try await sandbox.portless(String(word), "--help").output
            )
            found.formUnion(commands(in: help).filter { "\($0) ".hasPrefix("\(word) ") })
            found.formUnion(subcommands(in: help).map { "\(word) \($0)" })
        }
        return found
    }

    /// Each line that shows a call: `portless hosts sync|clean    Put the names …` is two commands.
    static func commands(in help: String) -> Set<String> {
        var found: Set<String> = []
        for line in help.split(separator: "\n") {
            let text = line.replacing(/^\s*(USAGE: |Usage: )?/, with: "")
            // What stands two blanks further is the description.
            let call = text.split(separator: "  ").first ?? ""
            let words = call.split(separator: " ")
            guard words.first == "portless" else { continue }
            var paths = [""]
            for word in words.dropFirst() {
                guard word.wholeMatch(of: /[a-z]+(\|[a-z]+)*/) != nil else { break }
                paths = paths.flatMap { path in
                    word.split(separator: "|").map { path.isEmpty ? "\($0)" : "\(path) \($0)" }
                }
            }
            found.formUnion(paths)
        }
        return found
    }

    /// The words that ArgumentParser lists in a command's help.
    private static func subcommands(in help: String) -> [Substring] {
        guard let list = help.split(separator: "SUBCOMMANDS:\n").dropFirst().first else {
            return []
        }
        return list.split(separator: "\n").prefix { $0.hasPrefix("  ") }.compactMap { line in
            // Three blanks or more: a description that is continued, or a hint.
            line.hasPrefix("   ") ? nil : line.split(separator: " ").first
        }.filter { $0.allSatisfy(\.isLowercase) }
    }

    private static func withoutExamples(_ help: String) -> String {
        let sections = help.replacing(/\n\n+/, with: "\u{0}").split(separator: "\u{0}")
        return sections.filter {
            !$0.hasPrefix("Examples:") && !$0.hasPrefix("EXAMPLES:")
        }.joined(separator: "\n")
    }
}
