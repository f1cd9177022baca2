import PortlessCore

/// Prints log lines, those of several processes each behind its name.
struct LogPrinter {
    let console: Console
    private let prefixes: [String: String]

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

    func print(_ line: LogLine) {
        let prefix = prefixes[line.process] ?? ""
        // What the keeper notes is talk about the process, not what it wrote.
        guard line.stream == .note else { return console.print(prefix + line.text) }
        console.say(prefix + console.style.dim("-- \(line.text)"))
    }
}
