import Crypto
import NIOCore
package import PortlessCore

/// The gate before an app that is shared with strangers.
package struct GateSettings: Sendable {
    /// The app's own name: every request leads there, whatever its Host says.
    package var hostname: Hostname
    /// Nil lets everyone in.
    package var password: String?
    /// When the share ends, whatever becomes of its process.
    package var deadline: ContinuousClock.Instant?
    /// Signs the visitors' cookies, which end with it.
    let key = SymmetricKey(size: .bits256)

    package init(
        hostname: Hostname,
        password: String? = nil,
        deadline: ContinuousClock.Instant? = nil,
    ) {
        self.hostname = hostname
        self.password = password
        self.deadline = deadline
    }
}

/// Judges the requests of visitors, and makes of each that it admits one for the app alone.
///
/// Confined to its event loop.
final class VisitorGate {
    /// What it looks at in a request.
    struct Visit {
        var method = "GET"
        var path = "/"
        var accept = ""
        var authorization: String?
        var cookies: [String] = []
        /// The nearest proxy has appended it, so that a visitor can't choose it.
        var lastForwardedFor: String?
        /// Whether a browser's script or page asks, which would show a dialog of its own.
        var isFromBrowser = false
    }

    enum Verdict {
        case pass(without: Credential)
        case answer(Page)
    }

    /// Which of the request's fields are the gate's, and nothing for the app.
    struct Credential: Equatable {
        var isAuthorization = false
    }

    static let cookieName = "__Host-portless_share"
    static let unlockPath = "/.portless/unlock"

    let settings: GateSettings
    private var attempts = LoginAttempts()

    init(_ settings: GateSettings) {
        self.settings = settings
    }

    func judge(_ visit: Visit, now: NIODeadline = .now()) -> Verdict {
        if let deadline = settings.deadline, deadline <= .now { return .answer(Self.text(410)) }
        guard let password = settings.password else { return .pass(without: Credential()) }
        let given = visit.authorization.flatMap(Self.password)
        if visit.cookies.contains(where: isValid) {
            guard visit.path != Self.unlockPath else { return .answer(Self.text(200)) }
            // The password may come beside it, also in one of two fields; the app's own stays.
            let isOurs = given.map { Self.digest($0) == Self.digest(password) } ?? false
            let isDoubled = visit.authorization?.isEmpty == true
            return .pass(without: Credential(isAuthorization: isOurs || isDoubled))
        }
        guard let given else {
            return .answer(demand(visit))
        }
        let visitor = Self.visitor(visit.lastForwardedFor)
        if let wait = attempts.wait(of: visitor, now: now) {
            var page = Self.text(429)
            page.fields.append(("retry-after", String(wait.nanoseconds / 1_000_000_000 + 1)))
            return .answer(page)
        }
        guard Self.digest(given) == Self.digest(password) else {
            attempts.failed(visitor, now: now)
            return .answer(refusal(visit))
        }
        guard visit.path == Self.unlockPath else {
            return .pass(without: Credential(isAuthorization: true))
        }
        var page = Self.text(200)
        let attributes = ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"]
        page.fields.append(
            (
                "set-cookie",
                (["\(Self.cookieName)=\(makeCookie())"] + attributes).joined(separator: "; "),
            )
        )
        return .answer(page)
    }

    // MARK: Answers

    /// The answer to a stranger where the proxy itself has to speak: it tells nothing of this machine.
    func page(for answer: OwnAnswer) -> Page {
        switch answer {
        case .missingHost, .ambiguousPath: Self.text(400)
        case .refused(let error): Self.text(error.status)
        case .loop: Self.text(508)
        case .failed(.booting): Self.text(503)
        case .notFound: Self.text(503)
        case .redirect, .relayed, .failed, .invalidHandshake: Self.text(502)
        }
    }

    private func demand(_ visit: Visit) -> Page {
        let isPage = visit.method == "GET" && PageForm(accept: visit.accept) == .html
        guard isPage, visit.path != Self.unlockPath else { return refusal(visit) }
        let nonce = Self.random(bytes: 16)
        var page = Page(status: 401, contentType: "text/html; charset=utf-8")
        page.fields = [
            ("cache-control", "no-store"), ("referrer-policy", "no-referrer"),
            (
                "content-security-policy",
                """
                default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; \
                connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
                """,
            ),
        ]
        page.body = Array(LoginPage.html(nonce: nonce, unlockPath: Self.unlockPath).utf8)
        return page
    }

    private func refusal(_ visit: Visit) -> Page {
        var page = Self.text(401)
        if !visit.isFromBrowser {
            page.fields.append(("www-authenticate", #"Basic realm="Shared app", charset="UTF-8""#))
        }
        return page
    }

    private static func text(_ status: Int) -> Page {
        var page = Page(status: status, fields: [("cache-control", "no-store")])
        page.body = Array("\(status) \(page.reason)\n".utf8)
        return page
    }

    // MARK: Credentials

    private func makeCookie() -> String {
        let nonce = Self.random(bytes: 16)
        return "\(nonce).\(sign(nonce))"
    }

    private func isValid(_ cookie: String) -> Bool {
        let parts = cookie.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 32 else { return false }
        return Self.digest(sign(String(parts[0]))) == Self.digest(String(parts[1]))
    }

    private func sign(_ nonce: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Array(nonce.utf8), using: settings.key).hexadecimal
    }

    /// Digests are compared, so that the time doesn't tell where the texts differ.
    private static func digest(_ text: String) -> SHA256.Digest {
        SHA256.hash(data: Array(text.utf8))
    }

    private static func random(bytes count: Int) -> String {
        let key = SymmetricKey(size: SymmetricKeySize(bitCount: count * 8))
        return key.withUnsafeBytes { $0.hexadecimal }
    }

    /// The password of Basic credentials (RFC 7617), with any user name.
    static func password(_ authorization: String) -> String? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", parts[1].utf8.count <= 1024,
            let bytes = Base64.decode(String(parts[1].filter { $0 != " " })),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return String(decoding: bytes[bytes.index(after: colon)...], as: UTF8.self)
    }

    /// Whom an attempt is counted for: an IPv4 address, or the network of an IPv6 one.
    static func visitor(_ forwardedFor: String?) -> String {
        guard let text = forwardedFor?.split(separator: ",").last else { return "" }
        let address = text.drop { $0 == " " || $0 == "\t" }.prefix(64)
        guard address.contains(":"), !address.contains(".") else { return String(address) }
        return address.split(separator: ":", omittingEmptySubsequences: false).prefix(4)
            .joined(separator: ":")
    }
}
