import PortlessCore

/// The address to which a provider sends the answer to a login: a host and a path on it.
struct LoginCallback: Hashable, Sendable {
    let host: Hostname
    let path: String

    /// Of an absolute URL; nil for anything else.
    init?(url: String) {
        guard let rest = Self.afterScheme(url) else { return nil }
        let authority = rest.prefix { !"/?#".contains($0) }
        guard let host = Hostname(authority.prefix { $0 != ":" }) else { return nil }
        let path = rest.dropFirst(authority.count).prefix { !"?#".contains($0) }
        self.init(host: host, path: path.isEmpty ? "/" : String(path))
    }

    /// Of a request, by its authority and its target in origin form.
    init?(authority: String, target: String) {
        guard let host = Hostname(authority.prefix { $0 != ":" }) else { return nil }
        self.init(host: host, path: String(target.prefix { $0 != "?" }))
    }

    private init(host: Hostname, path: String) {
        (self.host, self.path) = (host, path)
    }

    static func afterScheme(_ url: String) -> Substring? {
        let lower = url.prefix(8).lowercased()
        if lower == "https://" { return url.dropFirst(8) }
        return lower.hasPrefix("http://") ? url.dropFirst(7) : nil
    }
}

/// What an app sends the browser to a provider with.
struct LoginStart: Equatable, Sendable {
    let callback: LoginCallback
    let state: [UInt8]
    /// Whether the answer is to come as a form (`response_mode=form_post`), as from Apple.
    let isForm: Bool

    private static let maximumState = 4096

    /// Reads the URL of an authorization request (RFC 6749 section 4.1.1); nil for any other one.
    init?(url: String) {
        guard LoginCallback.afterScheme(url) != nil,
            let query = url.split(separator: "?", maxSplits: 1).dropFirst().first
        else { return nil }
        let fields = QueryFields(query.prefix { $0 != "#" })
        guard let redirect = fields["redirect_uri"], let state = fields["state"], !state.isEmpty,
            state.utf8.count <= Self.maximumState, let callback = LoginCallback(url: redirect)
        else { return nil }
        self.callback = callback
        self.state = Array(state.utf8)
        isForm = fields["response_mode"] == "form_post"
    }

    /// Finds such a URL in the JSON with which an app's own script goes to the provider, as
    /// Auth.js and Better Auth do.
    init?(json: String) {
        guard json.contains("redirect_uri") else { return nil }
        for text in json.split(separator: "\"") where text.contains("redirect_uri=") {
            // The text is the inside of a JSON string.
            guard let url = try? JSONValue(parsing: Array("\"\(text)\"".utf8)).string else {
                continue
            }
            if let start = LoginStart(url: url) {
                self = start
                return
            }
        }
        return nil
    }

    /// The name that the answer belongs to, of a login that an app of a worktree has begun.
    ///
    /// It is the callback's own name in that worktree. Where no app has the callback's name, which
    /// then is there for providers only, it is the app that has begun the login. An answer never
    /// goes to another project: the app doesn't choose the target.
    func target(begunBy route: Route, among routes: [Route]) -> Hostname? {
        guard let worktree = route.worktree, route.hostname != callback.host else { return nil }
        let sibling = routes.first { other in
            other.worktree == worktree && other.nameInMainCheckout == callback.host
        }
        if let sibling { return sibling.hostname }
        let isServed = routes.contains { $0.hostname == callback.host }
        return isServed ? nil : route.hostname
    }
}

extension Route {
    /// The name without the worktree's prefix: `api.shop.localhost` of `api.feat.shop.localhost`.
    var nameInMainCheckout: Hostname? {
        guard let worktree else { return nil }
        var labels = hostname.labels
        guard let index = labels.firstIndex(where: { $0 == worktree }) else { return nil }
        labels.remove(at: index)
        return Hostname(labels.joined(separator: "."))
    }
}

/// The fields of a query or a form, decoded.
struct QueryFields {
    private static let maximumCount = 64

    private let fields: [(name: String, value: String)]

    init(_ text: some StringProtocol) {
        fields = text.split(separator: "&").prefix(Self.maximumCount).map { field in
            let parts = field.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false,
            )
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The query of a request's target.
    init(target: String) {
        self.init(target.split(separator: "?", maxSplits: 1).dropFirst().first ?? "")
    }

    /// Nil where it is missing, or there more than once.
    subscript(name: String) -> String? {
        let values = fields.filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    private static func decoded(_ text: some StringProtocol) -> String {
        String(text.map { $0 == "+" ? " " : $0 }).percentDecoded
    }
}
