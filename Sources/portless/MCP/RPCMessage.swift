import PortlessCore

/// What the other side of a JSON-RPC 2.0 connection sent in one line.
enum RPCMessage: Equatable {
    case request(id: JSONValue, method: String, parameters: JSONObject)
    case notification(method: String, parameters: JSONObject)
    /// The answer to a request; this side sends none, so it is ignored.
    case answer
    case invalid(id: JSONValue, RPCError)

    init(_ line: some Collection<UInt8>) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: line)
        } catch {
            self = .invalid(id: .null, RPCError(.parse, "The line is not JSON: \(error)."))
            return
        }
        guard let object = json.object else {
            self = .invalid(id: .null, RPCError(.request, "A message is one JSON object."))
            return
        }
        let id = object["id"]
        guard id.map(Self.isIdentifier) ?? true else {
            self = .invalid(id: .null, RPCError(.request, "\"id\" is a string or a number."))
            return
        }
        guard object["jsonrpc"]?.string == "2.0" else {
            self = .invalid(
                id: id ?? .null,
                RPCError(.request, "\"jsonrpc\" has to be \"2.0\"."),
            )
            return
        }
        guard let method = object["method"]?.string else {
            let isAnswer = object["result"] != nil || object["error"] != nil
            let problem = RPCError(.request, "\"method\" is missing.")
            self = isAnswer ? .answer : .invalid(id: id ?? .null, problem)
            return
        }
        guard let parameters = (object["params"] ?? .object([:])).object else {
            self = .invalid(
                id: id ?? .null,
                RPCError(.parameters, "\"params\" has to be an object."),
            )
            return
        }
        self =
            if let id {
                .request(id: id, method: method, parameters: parameters)
            } else {
                .notification(method: method, parameters: parameters)
            }
    }

    private static func isIdentifier(_ id: JSONValue) -> Bool {
        switch id {
        case .string, .number: true
        case .null, .bool, .array, .object: false
        }
    }
}

/// Why a request of JSON-RPC has no result.
struct RPCError: Error, Equatable {
    /// The numbers of JSON-RPC 2.0 section 5.1, and one of MCP.
    enum Code: Int {
        case parse = -32700
        case request = -32600
        case method = -32601
        case parameters = -32602
        case `internal` = -32603
        case noResource = -32002
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    func answer(to id: JSONValue) -> JSONValue {
        .object([
            "jsonrpc": .string("2.0"), "id": id,
            "error": .object([
                "code": .integer(code.rawValue), "message": .string(message),
            ]),
        ])
    }
}
