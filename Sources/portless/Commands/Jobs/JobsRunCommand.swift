import ArgumentParser
import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// `portless jobs run -- <command>`: starts a job.
struct JobsRunCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command as a job.",
        discussion: """
            It gets the environment of this terminal, and no shell reads its arguments. With --wait \
            the command exits as the job does.
            """,
    )

    @Option(help: "A name, unique among the jobs that run.")
    var name: String?

    @Option(help: "Its folder, in place of this one.")
    var cwd: String?

    @Option(help: "End it after this time: 90 (seconds), 10m, 1h30m.")
    var timeout: String?

    @Option(name: .long, help: "A variable of its environment: NAME=value. May be repeated.")
    var env: [String] = []

    @Flag(help: "Give it only PATH, HOME and the like of this environment.")
    var clean = false

    @Flag(help: "Give it a terminal of its own.")
    var pty = false

    @Option(help: "The size of that terminal, as in 120x40.")
    var size: String?

    @Option(help: "A file that it reads on its standard input, or - for that of this command.")
    var input: String?

    @Flag(help: "Wait until it has ended, and exit as it did.")
    var wait = false

    @Flag(help: "Print the job as JSON.")
    var json = false

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String] = []

    func run(_ context: CommandContext) throws {
        guard !command.isEmpty else {
            throw Failure(
                "There is no command to run.",
                remedy: "Usage: portless jobs run [--name <name>] -- <command…>",
            )
        }
        let body = try body(context)
        let client = try JobClient(context)
        var job = try client.server.post("/api/jobs", body, once: true)
        if !wait {
            context.console.print(json ? job.formatted : "Started \(job.jobTitle)")
            guard !job.isActiveJob else { return }
            return try job.exitAsJob()
        }
        if !json { context.console.say("Started \(job.jobTitle)") }
        job = try client.wait(for: job)
        if json { context.console.print(job.formatted) }
        try job.exitAsJob()
    }

    private func body(_ context: CommandContext) throws -> JSONValue {
        let folder = cwd.map { context.workingDirectory.pushing(FilePath($0)) }
        var object: JSONObject = [
            "command": .array(command.map { .string($0) }),
            "directory": .string(
                (folder ?? context.workingDirectory).lexicallyNormalized().string
            ),
            "inherited": Self.json(context.environment), "clean": .bool(clean),
        ]
        object["name"] = name.map { .string($0) }
        if let timeout { object["timeoutMs"] = .integer(try Self.milliseconds(timeout)) }
        var variables: [String: String] = [:]
        for word in env {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw Failure("--env takes NAME=value, and not \"\(word)\".")
            }
            variables[String(parts[0])] = String(parts[1])
        }
        object["environment"] = Self.json(variables)
        if pty || size != nil { object["pty"] = try terminal() }
        if let input { object["input"] = .string(try Self.content(of: input, context)) }
        return .object(object)
    }

    private static func content(of file: String, _ context: CommandContext) throws -> String {
        let limit = JobRequest.mostInput
        let bytes: [UInt8]
        do {
            if file == "-" {
                bytes = try FileDescriptor.standardInput.content(atMost: limit)
            } else {
                // It may be a pipe, as in --input <(command).
                let path = context.workingDirectory.pushing(FilePath(file))
                let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
                bytes = try descriptor.closeAfter { try descriptor.content(atMost: limit) }
            }
        } catch {
            throw Failure("The input \(file) can't be read: \(error).")
        }
        guard bytes.count <= limit else {
            throw Failure(
                "The input \(file) has more than \(limit >> 10) KiB.",
                remedy: "Name the file in the job's command instead.",
            )
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(
                "The input \(file) isn't UTF-8 text.",
                remedy: "Name the file in the job's command instead.",
            )
        }
        return text
    }

    private func terminal() throws -> JSONValue {
        guard let size else { return .object([:]) }
        let numbers = size.split(separator: "x").compactMap { Int($0) }
        guard numbers.count == 2, numbers.allSatisfy((1...1000).contains) else {
            throw Failure("--size takes columns and rows such as 120x40, and not \"\(size)\".")
        }
        return .object(["columns": .integer(numbers[0]), "rows": .integer(numbers[1])])
    }

    private static func milliseconds(_ text: String) throws -> Int64 {
        let duration = Int64(text).map { Duration.seconds($0) } ?? DurationText.duration(text)
        let limit = Duration.seconds(365 * 86_400)
        guard let duration, duration > .zero, duration <= limit else {
            throw Failure(
                "--timeout takes a time, and not \"\(text)\".",
                remedy: "Such as 90 (seconds), 10m or 1h30m; a year at most.",
            )
        }
        return duration.milliseconds
    }

    private static func json(_ variables: [String: String]) -> JSONValue {
        var object = JSONObject()
        for (key, value) in variables { object[key] = .string(value) }
        return .object(object)
    }
}

extension FileDescriptor {
    /// What is left to be read; one byte more than the limit where there is more than that.
    fileprivate func content(atMost limit: Int) throws -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while content.count <= limit {
            let room = min(buffer.count, limit + 1 - content.count)
            let count = try buffer.withUnsafeMutableBytes { bytes in
                try read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<room]))
            }
            if count == 0 { break }
            content += buffer[..<count]
        }
        return content
    }
}
