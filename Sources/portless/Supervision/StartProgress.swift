import HostSystem
import PortlessCore

/// Tells how processes come up, until each of them listens or has failed.
struct StartProgress {
    private static let pause = Duration.milliseconds(100)
    /// What ends sooner after its start, in milliseconds, was never up.
    private static let shortestLife: Int64 = 1000

    let apps: SupervisedApps
    let console: Console

    /// Waits; true if all are up.
    func await(_ app: String, _ processes: [String]?) throws -> Bool {
        var told: [String: [String]] = [:]
        while true {
            let all = try apps.processes(of: app).filter {
                processes?.contains($0.name) ?? true
            }
            let now = Timestamp.now.milliseconds
            for process in all where !Self.isYoung(process, now) {
                let isHeldUp = process.isHeldUp ? process.reason : nil
                let stage = [process.state.rawValue, process.waitsFor ?? isHeldUp ?? ""]
                guard told.updateValue(stage, forKey: process.name) != stage else { continue }
                console.say(styled: line(process, app))
            }
            if all.allSatisfy({ Self.isDecided($0) && !Self.isYoung($0, now) }) {
                let failed = all.filter(Self.hasFailed)
                // What is waited for is the one that may say why.
                for name in Set(failed.map { $0.waitsFor ?? $0.name }).sorted() {
                    try tellFailure(name, app)
                }
                return failed.isEmpty
            }
            SystemClock.sleep(for: Self.pause)
        }
    }

    private func line(_ process: SupervisedProcess, _ app: String) -> StyledText {
        let style = console.style
        let name = "  \(process.name)"
        switch process.state {
        case .online:
            let reason = process.reason.map { " (\($0))" } ?? ""
            return "\(name) is \(process.stateTitle)\(reason)"
        case .errored, .crashLooping:
            return style.red("\(name) is \(process.state.title): \(process.reason ?? "no reason")")
        case .starting where process.waitsFor != nil:
            return style.red("\(name) isn't started: \(process.reason ?? "no reason")")
        case .starting where process.isHeldUp:
            return style.red("\(name) waits: \(process.reason ?? "no reason")")
        case .stopped where process.lastExit?.wasRequested == false:
            return style.dim("\(name) is done")
        default: return style.dim("\(name) is \(process.state.title)")
        }
    }

    private func tellFailure(_ process: String, _ app: String) throws {
        let lines = try apps.lines(of: app, process, last: 15)
        guard !lines.isEmpty else { return }
        console.say("The last lines of \(process):")
        for line in lines { console.say(styled: "  " + console.style.dim(line.text)) }
    }

    private static func isYoung(_ process: SupervisedProcess, _ now: Int64) -> Bool {
        guard process.state == .online, let startedAt = process.startedAt else { return false }
        return now.saturatingSubtract(startedAt) < shortestLife
    }

    private static func isDecided(_ process: SupervisedProcess) -> Bool {
        process.waitsFor != nil || process.isHeldUp
            || ![.starting, .stopping].contains(process.state)
    }

    private static func hasFailed(_ process: SupervisedProcess) -> Bool {
        process.waitsFor != nil || process.isHeldUp
            || [.errored, .crashLooping, .unknown].contains(process.state)
    }
}
