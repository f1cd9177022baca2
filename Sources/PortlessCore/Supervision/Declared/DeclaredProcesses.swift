/// All that a project's files declare to be run.
package struct DeclaredProcesses: Hashable, Sendable {
    package var processes: [DeclaredProcess]
    /// What was declared and has no effect here, each a sentence.
    package var notes: [String]

    package init(processes: [DeclaredProcess] = [], notes: [String] = []) {
        self.processes = processes
        self.notes = notes
    }
}
