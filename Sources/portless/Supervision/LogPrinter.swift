import PortlessCore

/// Prints log lines, those of several processes each behind its name.
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
