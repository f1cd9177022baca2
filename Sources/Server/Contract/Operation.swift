import HTTPTypes
import PortlessCore

/// One thing that the API does: how it is asked for, what it answers, and what does the work.
struct Operation: Sendable {
    enum Access: Sendable {
        /// Open on loopback.
        case read
        /// Takes the token or the dashboard's cookie.
        case change
        /// Takes the token: it runs what the caller says.
        case command
    }

    var method: HTTPRequest.Method
    /// With `{name}` for each parameter of the path.
    var path: String
    var id: String
    var summary: String
    var access = Access.read
    var parameters: [Parameter] = []
    /// What the JSON body has to be; every operation that changes something has one, for no page of
    /// another origin can send one unasked.
    var body: Schema?
    /// Nil for an answer without content.
    var answer: Schema?
    /// The media type of a good answer.
    var answerType = "application/json"
    /// The media type that a good answer may have as well: a stream of events.
    var otherAnswerType: String?
    var status = 200
    /// The refusals of its own, beside those that all operations have.
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
    /// The parameters that were given.
    var values: [String: JSONValue] = [:]
    var body = JSONValue.null
    var request: RequestFacts

    func text(_ name: String) -> String? { values[name]?.string }
    func integer(_ name: String) -> Int? { values[name]?.integer }
}

/// What came of a request.
enum Reply: Sendable {
    case empty
    case json(JSONValue)
    /// JSON as well, which isn't in memory as a whole.
    case pieces(Pieces)
    case stream(EventStream)

    static func object(_ members: JSONObject) -> Reply { .json(.object(members)) }
}
