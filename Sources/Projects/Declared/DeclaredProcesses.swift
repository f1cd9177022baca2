/// All that a project's files declare to be run.
package struct DeclaredProcesses: Hashable, Sendable {
    package var processes: [DeclaredProcess]
    /// What was declared and has no effect here, each a sentence.
    package var notes: [String]
    /// The environments that a process has variables of its own for.
    package var environments: [String]

    package init(
        processes: [DeclaredProcess] = [],
        notes: [String] = [],
        environments: [String] = [],
    ) {
        self.processes = processes
        self.notes = notes
        self.environments = environments
    }
}
