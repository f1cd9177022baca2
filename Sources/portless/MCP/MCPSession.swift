import HostSystem
import PortlessCore
import Synchronization
import SystemPackage

/// The server's side of one Model Context Protocol session: a JSON-RPC message a line, on standard
/// input and output (specification, "Transports").
final class MCPSession: Sendable {
    /// The revisions that this side speaks, the preferred one first; they differ in what it doesn't
    /// use.
    static let revisions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    private static let longestLine = 1 << 20
    /// More than a client has under way; others are refused until some have ended.
    private static let mostCalls = 64

    private struct State {
        var isInitialized = false
        var calls: [JSONValue: Task<Void, Never>] = [:]
    }

    private let tools: [MCPTool]
    private let resources: MCPResources
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())
    private let work = BlockingWork(limit: 8)

    /// `write` gets each message, without the end of its line.
    init(
        tools: [MCPTool],
        resources: MCPResources,
        write: @escaping @Sendable (String) -> Void,
    ) {
        self.tools = tools
        self.resources = resources
        self.write = write
    }

    /// Answers until the other side closes the input; what is under way then is cancelled.
    func run(reading input: FileDescriptor) throws {
        defer {
            let calls = state.withLock { state in
                defer { state.calls = [:] }
                return state.calls.values.map(\.self)
            }
            for call in calls { call.cancel() }
        }
        var lines = LineSplitter(longest: Self.longestLine)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
            guard count > 0 else { return }
            buffer.withUnsafeBytes { bytes in
                lines.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(count))) { line in
                    if !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { receive(Array(line)) }
                }
            }
        }
    }

    func receive(_ line: [UInt8]) {
        switch RPCMessage(line) {
        case .invalid(let id, let error): send(error.answer(to: id))
        case .answer: break
        case .notification("notifications/cancelled", let parameters):
            guard let id = parameters["requestId"] else { return }
            state.withLock { $0.calls.removeValue(forKey: id) }?.cancel()
        case .notification: break
        case .request(let id, let method, let parameters):
            do {
                try answer(id, method, parameters)
            } catch {
                send(error.answer(to: id))
            }
        }
    }

    private func answer(
        _ id: JSONValue,
        _ method: String,
        _ parameters: JSONObject,
    ) throws(RPCError) {
        switch method {
        case "initialize": return succeed(id, initialize(parameters))
        case "ping": return succeed(id, .object([:]))
        default: break
        }
        guard state.withLock(\.isInitialized) else {
            throw RPCError(.request, "The session begins with \"initialize\".")
        }
        switch method {
        case "tools/list":
            succeed(id, .object(["tools": .array(tools.map(\.description))]))
        case "tools/call":
            let name = parameters["name"]?.string ?? ""
            guard let tool = tools.first(where: { $0.name == name }) else {
                throw RPCError(.parameters, "There is no tool \"\(name)\".")
            }
            let arguments = try tool.checked(parameters["arguments"])
            try begin(id) { tool.result(arguments) }
        case "resources/list":
            try begin(id) { [resources] () throws(RPCError) in
                .object(["resources": .array(try resources.list())])
            }
        case "resources/templates/list":
            succeed(id, .object(["resourceTemplates": .array(MCPResources.templates)]))
        case "resources/read":
            guard let uri = parameters["uri"]?.string else {
                throw RPCError(.parameters, "\"uri\" is missing.")
            }
            try begin(id) { [resources] () throws(RPCError) in
                .object(["contents": .array(try resources.read(uri))])
            }
        default: throw RPCError(.method, "There is no method \"\(method)\".")
        }
    }

    private func initialize(_ parameters: JSONObject) -> JSONValue {
        let wanted = parameters["protocolVersion"]?.string
        let revision = Self.revisions.first { $0 == wanted } ?? Self.revisions[0]
        state.withLock { $0.isInitialized = true }
        return .object([
            "protocolVersion": .string(revision),
            "capabilities": .object(["tools": .object([:]), "resources": .object([:])]),
            "serverInfo": .object([
                "name": .string("portless"), "title": .string("Portless"),
                "version": .string(Portless.version),
            ]),
            "instructions": .string(Self.instructions),
        ])
    }

    private static let instructions = """
        Portless runs development servers under stable names, such as https://shop.localhost, and \
        gives each app its own ports. Use a name's URL from list_apps or get_url, never a port. \
        Read an app's logs before you restart it.
        """

    /// Works on a request beside the others; a cancelled one gets no answer.
    private func begin(
        _ id: JSONValue,
        _ body: @escaping @Sendable () throws(RPCError) -> JSONValue,
    ) throws(RPCError) {
        let refusal: RPCError? = state.withLock { state in
            if state.calls[id] != nil {
                return RPCError(.request, "A request with this \"id\" is under way.")
            }
            guard state.calls.count < Self.mostCalls else {
                return RPCError(.internal, "\(Self.mostCalls) requests are under way already.")
            }
            state.calls[id] = Task(executorPreference: work) { [self] in
                let answer: JSONValue
                do throws(RPCError) {
                    answer = Self.success(id, try body())
                } catch {
                    answer = error.answer(to: id)
                }
                let isWanted = self.state.withLock { $0.calls.removeValue(forKey: id) } != nil
                if isWanted { send(answer) }
            }
            return nil
        }
        if let refusal { throw refusal }
    }

    private func succeed(_ id: JSONValue, _ result: JSONValue) { send(Self.success(id, result)) }

    private static func success(_ id: JSONValue, _ result: JSONValue) -> JSONValue {
        .object(["jsonrpc": .string("2.0"), "id": id, "result": result])
    }

    private func send(_ message: JSONValue) { write(message.compact) }
}
