import HostSystem
import PortlessCore

/// Tells how processes come up, until each of them listens or has failed.
struct StartProgress {
    private static let pause = Duration.milliseconds(100)

    let apps: SupervisedApps
    let console: Console

    /// Waits; true if all are up.
    func await(_ app: String, _ processes: [String]?) throws -> Bool {
        var told: [String: ProcessState] = [:]
        while true {
            let all = try apps.processes(of: app).filter {
                processes?.contains($0.name) ?? true
            }
            for process in all where told[process.name] != process.state {
                told[process.name] = process.state
                console.say(line(process, app))
            }
            if all.allSatisfy(Self.isDecided) {
                for process in all where Self.hasFailed(process) { try tellFailure(process, app) }
                return !all.contains(where: Self.hasFailed)
            }
            SystemClock.sleep(for: Self.pause)
        }
    }

    private func line(_ process: SupervisedProcess, _ app: String) -> String {
        let style = console.style
        let name = "  \(process.name)"
        switch process.state {
        case .online:
            let reason = process.reason.map { " (\($0))" } ?? ""
            return "\(name) is online\(reason)"
        case .errored, .crashLooping:
            return style.red("\(name) is \(process.state.title): \(process.reason ?? "no reason")")
        case .stopped where process.lastExit?.wasRequested == false:
            return style.dim("\(name) is done")
        default: return style.dim("\(name) is \(process.state.title)")
        }
    }

    private func tellFailure(_ process: SupervisedProcess, _ app: String) throws {
        let lines = try apps.lines(of: app, process.name, last: 15)
        guard !lines.isEmpty else { return }
        console.say("The last lines of \(process.name):")
        for line in lines { console.say("  " + console.style.dim(line.text)) }
    }

    private static func isDecided(_ process: SupervisedProcess) -> Bool {
        ![.starting, .stopping].contains(process.state)
    }

    private static func hasFailed(_ process: SupervisedProcess) -> Bool {
        [.errored, .crashLooping, .unknown].contains(process.state)
    }
}
