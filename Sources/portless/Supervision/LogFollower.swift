import HostSystem
import PortlessCore

/// Prints lines as they are written, over any interruption.
struct LogFollower {
    private static let pause = Duration.milliseconds(200)
    /// How many connections in a row may fail while a server is going away.
    private static let patience = 25

    let context: CommandContext
    let app: String
    let process: String?

    /// Prints the last lines, or with `after` those after that cursor, and then each new one.
    ///
    /// Goes on until something fails; a server that went away is started again, and nothing is
    /// missed.
    func run(last count: Int, after: Int64? = nil, _ printer: LogPrinter) throws {
        var seen = after
        var failures = 0
        while true {
            let server = try ServerControl(context).client()
            let query = process.map { "&process=\($0)" } ?? ""
            let path = "/api/apps/\(app)/logs/follow?lines=\(count)\(query)"
            do {
                let last = try APIStream(server).lines(of: path, after: seen) { printer.print($0) }
                seen = last ?? seen
                failures = 0
            } catch let error where !(error is Failure) && failures < Self.patience {
                failures += 1
            }
            SystemClock.sleep(for: Self.pause)
        }
    }
}

/// Prints log lines, those of several processes each after its name.
struct LogPrinter {
    let console: Console
    private let prefixes: [String: LinePrefix]
    /// Nil for all.
    private var processes: Set<String>?

    init(_ console: Console, processes: [String]) {
        self.console = console
        guard processes.count > 1 else {
            prefixes = [:]
            return
        }
        let all = processes.enumerated().map { index, name in
            (name, LinePrefix(label: name, index: index, isColored: console.style.isColored))
        }
        prefixes = Dictionary(all, uniquingKeysWith: { first, _ in first })
    }

    /// Passes over what other processes write.
    func only(_ processes: [String]) -> LogPrinter {
        var result = self
        result.processes = Set(processes)
        return result
    }

    func print(_ line: LogLine) {
        if let processes, !processes.contains(line.process) { return }
        let prefix = prefixes[line.process]?.styled ?? ""
        // What the keeper notes is talk about the process, not what it wrote.
        guard line.stream == .note else {
            return console.print(styled: prefix + StyledText(verbatim: line.text))
        }
        console.say(styled: prefix + console.style.dim("-- \(line.text)"))
    }
}
