/// What is known of a request before anything is done for it.
struct RequestFacts: Hashable, Sendable {
    var method = "GET"
    var path = "/"
    /// `host[:port]` as the client sent it.
    var authority = ""
    var origin: String?
    /// `Sec-Fetch-Site`, which browsers add and pages can't forge.
    var fetchSite: String?
    var contentType: String?
    var authorization: String?
    /// The last event that a client had before its connection broke.
    var lastEventID: String?
    var cookies: [String: String] = [:]
    /// The addresses that the request came through, nearest last; none for one that came by the
    /// socket in the state directory, which only its user can open.
    var peers: [String] = []
    var isSecure = false

    var bearer: String? {
        guard let authorization else { return nil }
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1].drop { $0 == " " })
    }

    var isChange: Bool { !["GET", "HEAD", "OPTIONS"].contains(method) }

    /// The media type without its parameters.
    var mediaType: String? {
        contentType.map { type in
            type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
    }

    /// False as soon as one of them may be another computer.
    var isLocal: Bool {
        peers.allSatisfy { peer in
            peer == "::1" || peer.hasPrefix("127.") || peer.hasPrefix("::ffff:127.")
        }
    }
}
