import HostSystem
import PortlessCore
import Projects
import SystemPackage

/// `portless ports check --fix`: rewrites ports in projects' files, all of them or none.
struct PortsFix {
    let checked: CheckedProjects
    let context: CommandContext

    /// Shows the change, and makes it if that is wanted; false where there was nothing to change.
    func perform(asking: Bool) throws -> Bool {
        let state = try context.stateDirectory()
        var plan = try PortPlan.current(in: state)
        plan.declared.formUnion(checked.ports)
        let leases = try LeaseStore(directory: state).list()
        var replacements: [FileReplacement] = []
        var count = 0
        for project in checked.projects {
            guard let folder = checked.folders[project.path] else { continue }
            let repair = PortRepair(
                project,
                findings: checked.check.findings,
                files: .directory(folder),
                detect: { Project(in: folder, context).detected($0) },
            )
            let edits = try repair.edits { count in
                let ports = try plan.freePorts(count, among: leases, isFree: context.isFree)
                plan.declared.formUnion(ports)
                return ports
            }
            count += edits.count
            for change in try repair.contents(edits) {
                let path = folder.pushing(FilePath(change.file))
                let shown = project.path == "." ? change.file : "\(project.path)/\(change.file)"
                context.console.print(LineDiff.text(file: shown, old: change.old, new: change.new))
                replacements.append(
                    FileReplacement(path: path, old: change.old, new: change.new)
                )
            }
        }
        guard !replacements.isEmpty else { return false }
        let files = replacements.count == 1 ? "1 file" : "\(replacements.count) files"
        guard try !asking || context.console.confirm("Change \(files)?") else {
            throw Failure("Nothing was changed.")
        }
        try FileReplacement.perform(replacements)
        context.console.say("Rewrote \(count) port\(count == 1 ? "" : "s") in \(files).")
        return true
    }
}

extension PortPlan {
    /// A block if there is one, else single ports.
    fileprivate func freePorts(
        _ count: Int,
        among leases: [PortLease],
        isFree: (Port) -> Bool,
    ) throws -> [Port] {
        let blocks = try blocks(of: count, atMost: 1, among: leases, isFree: isFree)
        if let block = blocks.first { return block.ports }
        let single = try self.blocks(of: 1, atMost: count, among: leases, isFree: isFree)
        guard single.count == count else {
            throw LeaseError.noRoom(count: count, ranges: ranges)
        }
        return single.map(\.first)
    }
}
