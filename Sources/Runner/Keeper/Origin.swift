import HostSystem
import PortlessCore

/// Whether a process in an earlier keeper's record can be one of those that run here.
enum Origin: Hashable {
    /// PID and start time are valid here, and show whether it still runs.
    case here
    /// The computer has restarted since.
    case earlierBoot
    /// Its keeper exited in order, after it, and no descendant runs.
    case finished
    /// Another container recorded it, whose PIDs mean nothing here.
    case elsewhere
    /// A process has the PID, and nothing proves that it is the same one.
    case unproven(Int32)

    /// `process` is nil before its first start: then `predecessor`, the keeper that was killed
    /// during `boot`, decides.
    init(of process: ProcessIdentity?, predecessor: ProcessIdentity?, boot: String?) {
        let writer = process ?? predecessor
        let own = ProcessIdentity.current
        if let namespace = writer?.namespace, let here = own.namespace, namespace != here {
            self = .elsewhere
        } else if let known = writer?.boot ?? boot, let here = own.boot, known != here {
            self = .earlierBoot
        } else if let process, process.standing == .unproven {
            self = .unproven(process.pid)
        } else if process == nil, boot != own.boot {
            self = .earlierBoot
        } else if predecessor == nil, process?.isVerified != true {
            self = .finished
        } else {
            self = .here
        }
    }

    /// The state of a process that ran, or was about to, and is unknown here.
    var restingState: ProcessState {
        switch self {
        case .here, .earlierBoot, .finished: .stopped
        case .elsewhere, .unproven: .unknown
        }
    }

    /// Why the keeper doesn't take it over, as one sentence.
    var reason: String? {
        switch self {
        case .here, .finished: nil
        case .earlierBoot: "The computer was restarted."
        case .elsewhere:
            "It was started in another container (PID namespace), where it may still run."
        case .unproven(let pid):
            "Nothing proves that process \(pid) is still the same one, so it was left alone."
        }
    }
}
