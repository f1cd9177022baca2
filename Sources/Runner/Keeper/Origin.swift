import HostSystem
import PortlessCore

/// Whether a process that an earlier keeper wrote down can be one of those that run here.
enum Origin: Hashable {
    /// PID and start time count here and now, and say whether it still runs.
    case here
    /// The computer was restarted since.
    case earlierBoot
    /// Its keeper ended in order, after it, and nothing of it runs.
    case finished
    /// Another container wrote it down, whose PIDs mean nothing here.
    case elsewhere
    /// The PID belongs to a process, and nothing tells whether it is the same one.
    case unproven(Int32)

    /// `process` is nil for one that had no process yet: then the keeper itself tells, which was
    /// killed as `predecessor`, in the run of the system called `boot`.
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

    /// The state of a process that ran, or was about to, and isn't known here.
    var restingState: ProcessState {
        switch self {
        case .here, .earlierBoot, .finished: .stopped
        case .elsewhere, .unproven: .unknown
        }
    }

    /// Why it isn't taken over, as one sentence.
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
