/// A change of what the supervisor knows.
package enum SupervisorEvent: Hashable, Sendable {
    /// An app is new, or its plan or its keeper changed.
    case app(SupervisedApp)
    case process(AppName, SupervisedProcess)
    case removed(AppName)
}
