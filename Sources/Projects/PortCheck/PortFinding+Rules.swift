import PortlessCore

extension PortFinding.Rule {
    /// What the rule looks for, in general.
    package var summary: String {
        switch self {
        case .duplicate: "Two apps have the same port."
        case .duplicateProcess: "Two processes of an app listen on the same port."
        case .gap: "The ports of an app are not consecutive."
        case .outsideBlock: "A port lies outside of the app's leased block."
        case .wellKnown: "A port is one that other programs expect to have."
        case .browserBlocked: "Browsers refuse to open the port."
        case .ephemeralRange: "The system takes the port for outgoing connections."
        case .declaredTwice: "A port is declared in more than one place."
        case .differsFromLease: "A port is not the one that is leased for its label."
        case .unresolved: "A port can't be known by reading."
        case .malformed: "A file can't be read as what its name says it is."
        }
    }

    /// The gravest level that the rule's findings have.
    package var level: PortFinding.Level {
        switch self {
        case .duplicate, .duplicateProcess, .browserBlocked, .differsFromLease, .malformed: .error
        case .outsideBlock, .wellKnown, .ephemeralRange, .declaredTwice: .warning
        case .gap, .unresolved: .note
        }
    }
}
