/// What came of one request to one process.
package struct ProcessOutcome: Hashable, Sendable {
    package var process: String
    /// Why it failed, as a sentence; nil if it was done.
    package var error: String?
    /// The process afterwards.
    package var state: ProcessState

    package init(process: String, state: ProcessState, error: String? = nil) {
        self.process = process
        self.state = state
        self.error = error
    }
}
