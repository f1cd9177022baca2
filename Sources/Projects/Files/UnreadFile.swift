import PortlessCore

/// Files that may declare ports, but aren't read: each leaves an entry, so that nothing looks as
/// if there were no port.
struct UnreadFile {
    private let names: [String]
    /// What a line with a port contains.
    private let marks: [String]
    /// What the file contains besides, if anything.
    private var context: [String] = []
    /// What a line contains that follows `PORT` and so needs no reading.
    private var following: [String] = []
    private let reason: String

    private static let all = [
        UnreadFile(
            names: ["config/dev.exs", "config/runtime.exs"],
            marks: ["port:"],
            reason: "Phoenix's configuration isn't read",
        ),
        UnreadFile(names: ["Caddyfile"], marks: [":"], reason: "Caddyfiles aren't read"),
        UnreadFile(
            names: [".air.toml"],
            marks: ["port"],
            reason: "air's configuration isn't read",
        ),
        UnreadFile(names: ["deno.jsonc"], marks: ["port"], reason: "it isn't read"),
        UnreadFile(
            names: ["Makefile", "justfile", "Justfile"],
            marks: ["runserver", "--port", "-port", "PORT=", "PORT ?=", "PORT :=", "PORT:="],
            reason: "recipes aren't read",
        ),
        UnreadFile(
            names: ["main.py", "app.py", "run.py", "server.py"],
            marks: ["port="],
            context: ["uvicorn.run(", ".run("],
            following: ["environ", "getenv"],
            reason: "programs aren't read",
        ),
    ]

    /// Reports the files of a directory in which nothing else declares a port.
    static func report(
        in directory: String,
        with names: Set<String>,
        of reader: ProjectReader,
        to project: inout ProjectDraft,
    ) {
        // A Python package is a part of the program above it.
        let isPart = names.contains("__init__.py")
        let isDeclared = project.processes.contains { process in
            guard let start = process.start, !process.sources.isEmpty else { return false }
            return start == directory
                || isPart && (start.isEmpty || directory.hasPrefix(start + "/"))
        }
        guard !isDeclared else { return }
        for kind in all {
            for name in kind.names where names.contains(name) || name.contains("/") {
                let file = ProjectPath.join(directory, name)
                guard let source = try? reader.source(file),
                    let line = kind.line(of: source)
                else { continue }
                project.report(
                    Unresolved(
                        file: file,
                        line: line,
                        reason: "\(kind.reason): this may be a port",
                    )
                )
                break
            }
        }
        guard !directory.isEmpty, project.processes.allSatisfy(\.sources.isEmpty) else { return }
        for name in names.sorted() where isCompose(name) {
            let file = ProjectPath.join(directory, name)
            let reason = "compose files are read in the project's own folder only"
            project.report(Unresolved(file: file, line: 1, reason: reason))
        }
    }

    private static func isCompose(_ name: String) -> Bool {
        ["compose.", "docker-compose."].contains(where: name.hasPrefix)
            && [".yml", ".yaml"].contains(where: name.hasSuffix)
    }

    /// The number of the first line that may declare a port.
    private func line(of source: SourceText) -> Int? {
        guard context.isEmpty || has(context, in: source.string(0..<source.bytes.count)) else {
            return nil
        }
        return source.lines.first { _, range in
            let line = source.string(range).trimmingBlanks
            guard !line.hasPrefix("#"), !line.hasPrefix("//") else { return false }
            return has(marks, in: line) && !has(following, in: line)
                && line.contains(where: \.isNumber)
        }?.0
    }

    private func has(_ parts: [String], in text: String) -> Bool {
        parts.contains { text.contains($0) }
    }
}
