import ArgumentParser
import HostSystem
import PortlessCore
import SystemPackage

/// `portless mcp`: what Portless knows and does, for language models.
struct MCPCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Serve the Model Context Protocol on standard input and output, for agents.",
        discussion: """
            An agent's program starts it; `portless mcp install` tells the program so. It only looks, \
            unless --allow-changes lets it bring apps up, start, stop and restart them, and run jobs.
            """,
        subcommands: [MCPInstallCommand.self],
    )

    @Flag(help: "Offer the tools that change what runs, too.")
    var allowChanges = false

    func run(_ context: CommandContext) throws {
        guard !context.isInteractive else {
            throw Failure(
                "`portless mcp` talks to an agent's program, not to a terminal.",
                remedy: "To tell that program: portless mcp install [claude|cursor|vscode|codex]",
            )
        }
        // What commands say to people would be no message of the protocol; it goes to the other
        // stream.
        let tools =
            MCPTools(context: context).list(allowsChanges: allowChanges)
            + MCPBrowserTools(context: context).list(allowsChanges: allowChanges)
            + MCPJobTools(context: context).list(allowsChanges: allowChanges)
            + MCPCrashTools(context: context).list(allowsChanges: allowChanges)
        let session = MCPSession(
            tools: tools,
            resources: MCPResources { try ServerControl(context).client() },
            write: { context.console.print($0) },
        )
        try session.run(reading: .standardInput)
    }
}

/// `portless mcp install`: the configuration that makes a client start the server.
struct MCPInstallCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Tell an agent's program to use it: claude, cursor, vscode or codex.",
        discussion: """
            Without --write it prints what to put where. With it, the entry is added to the file of \
            this project (for codex, to the user's); nothing else in the file changes.
            """,
    )

    @Argument(help: "claude, cursor, vscode or codex.")
    var program: String?

    @Flag(help: "Add the entry to the file.")
    var write = false

    @Flag(help: "Let the agent start and stop apps, too.")
    var allowChanges = false

    func run(_ context: CommandContext) throws {
        guard let program, let client = MCPClientProgram(rawValue: program) else {
            let known = MCPClientProgram.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(
                program.map { "\"\($0)\" is not known." } ?? "No program is named.",
                remedy: "Usage: portless mcp install <program>, one of: \(known)",
            )
        }
        let arguments = ["mcp"] + (allowChanges ? ["--allow-changes"] : [])
        let home = context.homeOfUser(nil) ?? context.workingDirectory
        let file = client.file(in: context.workingDirectory, home: home)
        guard write else {
            context.console.say("In \(file):")
            context.console.print(client.example(arguments))
            return
        }
        let status = try FileStatus.of(file, followingLinks: false)
        guard status?.isRegularFile != false else {
            throw Failure(
                "\(file) is no regular file, so it is left alone.",
                remedy: "Add this to it by hand:\n\(client.example(arguments))",
            )
        }
        let old = try AtomicFile.readIfPresent(file)
        let new = try client.adding(arguments, to: old, of: file)
        guard new != old else {
            context.console.print("\(file) has it already.")
            return
        }
        _ = try FileSystem.makeDirectory(
            file.removingLastComponent(),
            mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute],
        )
        // It may hold secrets of other servers.
        try AtomicFile.write(new, to: file, mode: status?.permissions ?? [.ownerReadWrite])
        context.console.print("Added portless to \(file).")
    }
}

/// A program that starts MCP servers, and how its file names them.
enum MCPClientProgram: String, CaseIterable {
    case claude, cursor, vscode, codex

    func file(in project: FilePath, home: FilePath) -> FilePath {
        switch self {
        case .claude: project.appending(".mcp.json")
        case .cursor: project.appending(".cursor/mcp.json")
        case .vscode: project.appending(".vscode/mcp.json")
        case .codex: home.appending(".codex/config.toml")
        }
    }

    /// The object of all servers in the program's JSON.
    private var key: String { self == .vscode ? "servers" : "mcpServers" }

    private func entry(_ arguments: [String]) -> JSONValue {
        var object: JSONObject = [
            "command": .string("portless"), "args": .array(arguments.map { .string($0) }),
        ]
        if self == .vscode { object["type"] = .string("stdio") }
        return .object(object)
    }

    func example(_ arguments: [String]) -> String {
        if self == .codex { return Self.table(arguments) }
        return JSONValue.object([key: .object(["portless": entry(arguments)])]).formatted
    }

    private static func table(_ arguments: [String]) -> String {
        let words = arguments.map { "\"\($0)\"" }.joined(separator: ", ")
        return "[mcp_servers.portless]\ncommand = \"portless\"\nargs = [\(words)]"
    }

    /// The file with the entry; as it is where there is one already.
    func adding(_ arguments: [String], to old: [UInt8]?, of file: FilePath) throws -> [UInt8] {
        guard self != .codex else { return try Self.addingTable(arguments, to: old) }
        guard let old else { return Array((example(arguments) + "\n").utf8) }
        guard var object = (try? JSONValue(parsing: old))?.object else {
            throw Failure(
                "\(file) is not JSON that can be added to.",
                remedy: "Add this by hand: \(entry(arguments).compact)",
            )
        }
        var servers = object[key]?.object ?? [:]
        guard object[key] == nil || object[key]?.object != nil else {
            throw Failure("\"\(key)\" in \(file) is not an object.", remedy: "Repair the file.")
        }
        guard servers["portless"] == nil else { return old }
        servers["portless"] = entry(arguments)
        object[key] = .object(servers)
        return Array((JSONValue.object(object).formatted + "\n").utf8)
    }

    private static func addingTable(_ arguments: [String], to old: [UInt8]?) throws -> [UInt8] {
        let text = String(decoding: old ?? [], as: UTF8.self)
        guard !text.contains("[mcp_servers.portless]") else { return old ?? [] }
        let separator = text.isEmpty ? "" : text.hasSuffix("\n") ? "\n" : "\n\n"
        return Array((text + separator + table(arguments) + "\n").utf8)
    }
}
