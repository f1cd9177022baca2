import Crypto
import PortlessCore

/// The answers to the npm original's commands, which ask the proxy to put names into the hosts file.
///
/// Our proxy never writes that file: commands do. It proves that it knows the state directory and
/// then says that it doesn't act (409), so that the original's command stops waiting for it.
/// HTTP/1.1 only, which is what those commands speak.
struct HostsSyncProtocol {
    /// The fields of a request that belong to the protocol, and those that browsers add.
    struct Fields {
        var challenge: String?
        var token: String?
        /// Whether a page in a browser sends it.
        var isFromBrowser = false

        /// Takes a field in; its name is in lower case.
        mutating func take(_ name: String, _ value: () -> String) {
            switch name {
            case "x-portless-hosts-sync-challenge": challenge = value()
            case "x-portless-hosts-sync-token": token = value()
            case "origin", "sec-fetch-site": isFromBrowser = true
            default: break
            }
        }
    }

    private static let path = "/.portless/hosts-sync"
    /// 32 bytes as hexadecimal digits.
    private static let challengeLength = 64

    /// The secret that the proxy's state directory holds.
    let token: String

    /// The answer; nil where the request has nothing to do with the protocol.
    func answer(_ request: PageRequest) -> Page? {
        // A page whose name was rebound to this address has that name as Host.
        guard ["127.0.0.1", "[::1]"].contains(request.host) else { return nil }
        let fields = request.hostsSync
        if request.path == Self.path { return order(request.method, fields) }
        guard request.method == "HEAD", request.path == "/", !fields.isFromBrowser,
            let challenge = fields.challenge, Self.isChallenge(challenge)
        else { return nil }
        return Self.page(
            200,
            [
                ("x-portless-hosts-sync-auth", "1"),
                ("x-portless-hosts-sync-proof", proof(of: challenge)),
            ],
        )
    }

    private func order(_ method: String, _ fields: Fields) -> Page {
        guard !fields.isFromBrowser else { return Self.page(403) }
        guard method == "POST" else { return Self.page(404) }
        return Self.page(fields.token.map(isToken) == true ? 409 : 401)
    }

    private func proof(of challenge: String) -> String {
        HMAC<SHA256>.authenticationCode(
            for: Array(challenge.utf8),
            using: SymmetricKey(data: Array(token.utf8)),
        ).hexadecimal
    }

    /// Compares digests, so that the time doesn't tell where the texts differ.
    private func isToken(_ text: String) -> Bool {
        SHA256.hash(data: Array(text.utf8)) == SHA256.hash(data: Array(token.utf8))
    }

    private static func isChallenge(_ text: String) -> Bool {
        text.utf8.count == challengeLength
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func page(_ status: Int, _ fields: [(name: String, value: String)] = []) -> Page
    {
        var page = Page(status: status, fields: fields + [("cache-control", "no-store")])
        if status != 200 { page.body = Array("\(status) \(page.reason)\n".utf8) }
        return page
    }
}
