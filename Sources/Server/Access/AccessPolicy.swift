/// Decides who may ask for what, from the facts of a request alone.
struct AccessPolicy: Sendable {
    var hosts: HostAllowlist
    /// Whether the server listens beyond loopback, where even reading requires the token.
    var isExposed = false
    let token: APIToken
    let sessions: Sessions

    private enum Credential {
        case none
        case cookie
        case token
    }

    /// Throws the refusal, if there is one.
    func check(_ facts: RequestFacts, for access: Operation.Access) throws(Problem) {
        try checkHost(facts)
        let credential = try credential(of: facts)
        switch access {
        case .read:
            guard credential == .none, isExposed || !facts.isLocal else { return }
            throw Self.tokenNeeded("Reading from another computer")
        case .change:
            guard credential != .none else { throw Self.tokenNeeded("A change") }
            try checkOrigin(facts, isBrowser: credential == .cookie)
        case .command:
            guard credential == .token else { throw Self.tokenNeeded("Running a command") }
            try checkOrigin(facts, isBrowser: false)
        }
    }

    func checkHost(_ facts: RequestFacts) throws(Problem) {
        guard !hosts.allows(facts.authority) else { return }
        throw Problem(
            403,
            code: "HOST_NOT_ALLOWED",
            "This server doesn't answer to the name \"\(facts.authority)\". Use localhost.",
        )
    }

    /// Refuses requests, reading included, that a page of another site makes a browser send.
    ///
    /// Such a page can't see the answer, but it can cost time. The dashboard's own requests are
    /// `same-origin`, and an address that the user types is `none`. This is for the API alone: a
    /// link from another site still opens the dashboard.
    func checkSite(_ facts: RequestFacts) throws(Problem) {
        guard facts.isFromForeignSite else { return }
        throw Problem(
            403,
            code: "FOREIGN_SITE",
            "The API doesn't answer to pages of other sites. Use the dashboard, or no browser.",
        )
    }

    private func credential(of facts: RequestFacts) throws(Problem) -> Credential {
        if facts.authorization != nil {
            guard let bearer = facts.bearer, token.matches(bearer) else {
                throw Problem(
                    401,
                    code: "WRONG_TOKEN",
                    "The token is not this server's. It stands in ~/.portless/server.token.",
                )
            }
            return .token
        }
        let cookie = facts.cookies[Sessions.cookieName]
        return cookie.map(sessions.isValid) == true ? .cookie : .none
    }

    /// A foreign page can make a browser send the cookie, but not lie about where that comes from.
    ///
    /// Pages on other ports of localhost are of the same site, and foreign all the same.
    private func checkOrigin(_ facts: RequestFacts, isBrowser: Bool) throws(Problem) {
        if let origin = facts.origin {
            if Self.isSame(origin, facts) { return }
        } else if !isBrowser || facts.fetchSite == "same-origin" {
            return
        }
        throw Problem(
            403,
            code: "FOREIGN_ORIGIN",
            "A change has to come from this server's own pages, or without an Origin.",
        )
    }

    private static func isSame(_ origin: String, _ facts: RequestFacts) -> Bool {
        for (scheme, port) in [("http://", ":80"), ("https://", ":443")]
        where origin.lowercased().hasPrefix(scheme) {
            let authority = origin.lowercased().dropFirst(scheme.count)
            let own = facts.authority.lowercased()
            return authority == own || authority + port == own
        }
        return false
    }

    private static func tokenNeeded(_ what: String) -> Problem {
        Problem(
            401,
            code: "TOKEN_NEEDED",
            """
            \(what) takes the token in ~/.portless/server.token, as `Authorization: Bearer …`. \
            `portless dashboard` signs a browser in.
            """,
        )
    }
}

/// The names that this server answers to.
///
/// A page that was rebound to a loopback address (DNS rebinding) still says its own name in
/// `Host`; an address can't be rebound.
package struct HostAllowlist: Hashable, Sendable {
    package var names: Set<String>
    /// Whether the addresses of this computer on the network count too.
    package var allowsAddresses: Bool

    package init(names: Set<String>, allowsAddresses: Bool = false) {
        self.names = Set(names.map { $0.lowercased() })
        self.allowsAddresses = allowsAddresses
    }

    func allows(_ authority: String) -> Bool {
        let host = Self.host(of: authority)
        if host.isEmpty { return false }
        if host == "localhost" || host == "::1" || names.contains(host) { return true }
        guard Self.isAddress(host) else { return false }
        return allowsAddresses || host.hasPrefix("127.")
    }

    /// The authority without its port, brackets and the root's dot, in lower case.
    static func host(of authority: String) -> String {
        let lower = authority.lowercased()
        if lower.hasPrefix("[") {
            guard let end = lower.firstIndex(of: "]") else { return "" }
            return String(lower[lower.index(after: lower.startIndex)..<end])
        }
        let host = lower.prefix { $0 != ":" }
        return String(host.hasSuffix(".") ? host.dropLast() : host)
    }

    private static func isAddress(_ host: String) -> Bool {
        if host.contains(":") { return host.allSatisfy { $0.isHexDigit || ":.".contains($0) } }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
