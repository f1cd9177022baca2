import PortlessCore

/// Prints log lines, those of several processes each behind its name.
struct LogPrinter {
    let console: Console
    private let prefixes: [String: String]
    /// Nil for all.
    private var processes: Set<String>?

    init(_ console: Console, processes: [String]) {
        self.console = console
        guard processes.count > 1 else {
            prefixes = [:]
            return
        }
        let all = processes.enumerated().map { index, name in
            let prefix = LinePrefix(
                label: name,
                index: index,
                isColored: console.style.isColored,
            )
            return (name, prefix.text)
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
        let prefix = prefixes[line.process] ?? ""
        // What the keeper notes is talk about the process, not what it wrote.
        guard line.stream == .note else { return console.print(prefix + line.text) }
        console.say(prefix + console.style.dim("-- \(line.text)"))
    }
}
