import HostSystem
import PortlessCore
import SystemPackage

// The keeper records crashes, not the server: it alone is there at every crash, and sees which
// programs hold the ports at that moment. A file for each crash waits for the server.

extension Keeper {
    /// How many lines of the log are searched for those of the two streams.
    private static let mostSearched = 2000
    /// The most bytes of one line in a record.
    private static let longestLine = 2000

    /// A job that fails tells so itself, and is no crash of an app.
    func recordCrash(of process: KeptProcess, _ exit: ProcessExit) {
        guard !process.plan.endsWithCommand, let store = crashStore else { return }
        var record = crashRecord(of: process, at: exit.time)
        record.cause = exit.cause == .unknown ? nil : exit.cause
        record.uptime = exit.uptime
        record.pid = process.root?.pid
        let lines = lastLines(of: process, before: exit)
        record.errors = Self.last(CrashRecord.mostErrors, of: lines, .error)
        record.output = Self.last(CrashRecord.mostOutput, of: lines, .output)
        if let port = record.takenPort, !record.ports.contains(where: { $0.port == port }) {
            let holder = PortHolders.description(of: port)?.visibleLine
            record.ports.append(.init(label: nil, port: port, holder: holder))
        }
        add(record, to: store, process)
    }

    func recordFailedStart(of process: KeptProcess, _ problem: String) {
        guard !process.plan.endsWithCommand, let store = crashStore else { return }
        var record = crashRecord(of: process, at: .now)
        record.problem = problem
        add(record, to: store, process)
    }

    /// Nil while the watcher is off; settings that can't be read are the server's to complain about.
    private var crashStore: CrashStore? {
        let store = CrashStore(directory: folder.stateDirectory)
        return (try? store.settings())?.isOn == true ? store : nil
    }

    private func crashRecord(of process: KeptProcess, at time: Timestamp) -> CrashRecord {
        var record = CrashRecord(
            id: CrashRecord.makeID(at: time),
            time: time,
            app: plan.app,
            process: process.name,
            directory: process.plan.directory,
        )
        record.command = process.plan.command.map { String($0.prefix(Self.longestLine)) }
        record.environment = process.plan.wholeEnvironment.keys.sorted()
        var ports = process.plan.ports
        if let port = process.plan.primaryPort, !ports.contains(where: { $0.port == port }) {
            ports.append(.init(label: "port", port: port))
        }
        let holders = PortHolders.descriptions(of: Set(ports.map(\.port)))
        record.ports = ports.map { labeled in
            CrashRecord.PortState(
                label: labeled.label,
                port: labeled.port,
                holder: holders[labeled.port]?.visibleLine,
            )
        }
        return record
    }

    /// The lines of the run that has just ended.
    private func lastLines(of process: KeptProcess, before exit: ProcessExit) -> [LogLine] {
        process.log.flush()
        let file = LogFile(path: folder.log(of: process.name), process: process.name)
        return Array(
            LogExcerpt(of: [file], last: Self.mostSearched, since: process.startedAt)
        )
    }

    private static func last(
        _ count: Int,
        of lines: [LogLine],
        _ stream: LogLine.Stream,
    ) -> [CrashRecord.Line] {
        lines.filter { $0.stream == stream }.suffix(count).map { line in
            let text =
                line.text.utf8.count > longestLine
                ? String(decoding: line.text.utf8.prefix(longestLine), as: UTF8.self) + "…"
                : line.text
            return CrashRecord.Line(time: line.time, text: text)
        }
    }

    private func add(_ record: CrashRecord, to store: CrashStore, _ process: KeptProcess) {
        do {
            try store.add(record)
        } catch {
            note("the crash couldn't be recorded: \(error)", of: process)
        }
    }
}

extension KeeperFolder {
    /// The state directory that `apps/<app>/` lies in.
    var stateDirectory: StateDirectory {
        StateDirectory(path: path.removingLastComponent().removingLastComponent())
    }
}
