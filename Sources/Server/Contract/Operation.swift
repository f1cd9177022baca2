import HTTPTypes
import PortlessCore

/// One operation of the API: its request, its answers, and the function that does the work.
struct Operation: Sendable {
    enum Access: Sendable {
        /// Open on loopback.
        case read
        /// Requires the token or the dashboard's cookie.
        case change
        /// Requires the token, because it runs the caller's commands.
        case command
    }

    var method: HTTPRequest.Method
    /// With `{name}` for each parameter of the path.
    var path: String
    var id: String
    var summary: String
    var access = Access.read
    var parameters: [Parameter] = []
    /// The schema of the JSON body; every operation that changes something has one, because a page
    /// of another origin can't send JSON unasked.
    var body: Schema?
    /// Nil for an answer without content.
    var answer: Schema?
    /// The media type of a successful answer.
    var answerType = "application/json"
    /// The second media type that a successful answer may have: a stream of events.
    var otherAnswerType: String?
    var status = 200
    /// The refusals beside those that all operations have.
    var refusals: [Int] = []
    var perform: @Sendable (Call) async throws -> Reply

    /// Every status that a client may see.
    var statuses: [Int] {
        var all: Set<Int> = [status, 400, 401, 403]
        all.formUnion(refusals)
        if parameters.contains(where: { $0.place == .path }) { all.insert(404) }
        if body != nil { all.formUnion([413, 415]) }
        return all.sorted()
    }
}

/// A value in an operation's path or query.
struct Parameter: Sendable {
    enum Place: String, Sendable {
        case path
        case query
    }

    var name: String
    var place: Place
    var schema: Schema
    var summary: String
}

/// A request that has passed all checks.
struct Call: Sendable {
    /// The given parameters.
    var values: [String: JSONValue] = [:]
    var body = JSONValue.null
    var request: RequestFacts

    func text(_ name: String) -> String? { values[name]?.string }
    func integer(_ name: String) -> Int? { values[name]?.integer }
}

/// The result of an operation.
enum Reply: Sendable {
    case empty
    case json(JSONValue)
    /// JSON that is too long to be in memory as a whole.
    case pieces(Pieces)
    case stream(EventStream)

    static func object(_ members: JSONObject) -> Reply { .json(.object(members)) }
}
