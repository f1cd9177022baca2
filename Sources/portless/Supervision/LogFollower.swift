import HostSystem
import PortlessCore
import Synchronization

/// Prints lines as they are written, over any interruption.
final class LogFollower: Sendable {
    private static let pause = Duration.milliseconds(200)
    /// How many connections in a row may fail while a server is going away.
    private static let patience = 25
    /// Lines of several processes may be written in another order than that of their cursors; so
    /// far apart, in microseconds, they never are.
    private static let overlap: Int64 = 1_000_000

    private let context: CommandContext
    private let app: String
    private let processes: [String]
    private let printer: LogPrinter
    /// The cursor of the last line of each process, and of any.
    private let seen: Mutex<(each: [String: Int64], last: Int64)>

    /// Lines up to the cursor `seen` are printed already, and those of a process up to its own.
    init(
        _ context: CommandContext,
        app: String,
        processes: [String],
        printer: LogPrinter,
        seen: Int64,
        ofEach: [String: Int64] = [:],
    ) {
        self.context = context
        self.app = app
        self.processes = processes
        self.printer = printer
        self.seen = Mutex((ofEach, seen))
    }

    /// Goes on until something fails; a server that went away is started again, and nothing is
    /// missed.
    func run() throws {
        let process = processes.count == 1 ? "&process=\(processes[0])" : ""
        let path = "/api/apps/\(app)/logs/follow?lines=0\(process)"
        var failures = 0
        while true {
            let start = seen.withLock { $0.each.isEmpty ? $0.last : $0.last - Self.overlap }
            do {
                let server = try ServerControl(context).client()
                try server.events(of: path, after: start) { [self] event in
                    if let line = LogLine(json: event.data), isNew(line) { printer.print(line) }
                    return true
                }
                failures = 0
            } catch let error where !(error is Failure) && failures < Self.patience {
                failures += 1
            }
            SystemClock.sleep(for: Self.pause)
        }
    }

    private func isNew(_ line: LogLine) -> Bool {
        seen.withLock { seen in
            guard processes.contains(line.process),
                line.cursor > seen.each[line.process] ?? .min
            else { return false }
            seen.each[line.process] = line.cursor
            seen.last = max(seen.last, line.cursor)
            return true
        }
    }
}

/// Prints log lines, those of several processes each after its name, or each as JSON.
struct LogPrinter {
    let console: Console
    let isJSON: Bool
    private let prefixes: [String: LinePrefix]

    init(_ console: Console, processes: [String], isJSON: Bool = false) {
        self.console = console
        self.isJSON = isJSON
        guard processes.count > 1 else {
            prefixes = [:]
            return
        }
        let all = processes.enumerated().map { index, name in
            (name, LinePrefix(label: name, index: index, isColored: console.style.isColored))
        }
        prefixes = Dictionary(all, uniquingKeysWith: { first, _ in first })
    }

    func print(_ line: LogLine) {
        if isJSON { return console.print(line.json.compact) }
        let prefix = prefixes[line.process]?.styled ?? ""
        // What the keeper notes is talk about the process, not what it wrote.
        guard line.stream == .note else {
            return console.print(styled: prefix + StyledText(verbatim: line.text))
        }
        console.say(styled: prefix + console.style.dim("-- \(line.text)"))
    }
}
