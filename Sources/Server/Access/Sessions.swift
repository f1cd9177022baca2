import Crypto
import HTTPTypes
import HostSystem
import Hummingbird
import PortlessCore
import Synchronization

/// Signs browsers in, with links that work once and a cookie.
///
/// The cookie is signed with the token, so it survives a restart of the server and ends with the
/// token.
final class Sessions: Sendable {
    static let cookieName = "portless_session"
    static let lifetime = Duration.seconds(30 * 86_400)
    private static let linkLifetime = Duration.seconds(120)
    /// More links than a user opens in two minutes.
    private static let linkLimit = 32

    private let key: SymmetricKey
    private let now: @Sendable () -> Timestamp
    /// Digests of the codes in use, with the end of their validity.
    private let links = Mutex<[[UInt8]: Timestamp]>([:])

    init(token: APIToken, now: @escaping @Sendable () -> Timestamp) {
        let base = SymmetricKey(data: Array(token.text.utf8))
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("portless session".utf8),
            using: base,
        )
        key = SymmetricKey(data: Array(code))
        self.now = now
    }

    /// A code for one visit of `/session/<code>` within two minutes.
    func makeLink() -> String {
        let code = APIToken.random(bytes: 16)
        let time = now()
        links.withLock { links in
            links = links.filter { $0.value >= time }
            if links.count >= Self.linkLimit { links.removeAll() }
            links[Self.digest(code)] = time.advanced(by: Self.linkLifetime)
        }
        return code
    }

    /// The cookie's value for a valid code, which can't be used again.
    func redeem(_ code: String) -> String? {
        let end = links.withLock { $0.removeValue(forKey: Self.digest(code)) }
        guard let end, end >= now() else { return nil }
        return sign(String(now().advanced(by: Self.lifetime).seconds))
    }

    func isValid(_ cookie: String) -> Bool {
        let parts = cookie.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let end = Int64(parts[0]),
            Timestamp(seconds: end) >= now()
        else { return false }
        // The comparison of digests takes the same time wherever they differ.
        return SHA256.hash(data: Array(sign(String(parts[0])).utf8))
            == SHA256.hash(data: Array(cookie.utf8))
    }

    private func sign(_ end: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(end.utf8), using: key)
        return "\(end).\(code.hexadecimal)"
    }

    private static func digest(_ code: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(code.utf8)))
    }
}

/// Signs a browser in by a link that works once.
struct SessionRoutes {
    let sessions: Sessions

    func add(to router: Router<APIContext>) {
        router.on("/session/{code}", method: .get) { request, context -> Response in
            guard let code = context.parameters.get("code"),
                let cookie = sessions.redeem(code)
            else {
                throw Problem(
                    403,
                    code: "LINK_USED",
                    "The link has been used, or is too old. `portless dashboard` makes another one.",
                )
            }
            let isSecure = RequestFacts(request).isSecure
            let attributes = [
                "\(Sessions.cookieName)=\(cookie)", "Path=/", "HttpOnly", "SameSite=Strict",
                "Max-Age=\(Sessions.lifetime.components.seconds)",
            ]
            return Response(
                status: .seeOther,
                headers: [
                    .location: "/",
                    .setCookie: (attributes + (isSecure ? ["Secure"] : [])).joined(separator: "; "),
                    .contentLength: "0",
                ],
            )
        }
    }
}

/// Creates those links, for clients with the token, and tells who is signed in.
struct SessionOperations {
    let sessions: Sessions

    var operations: [Operation] {
        [
            Operation(
                method: .post,
                path: "/api/session/link",
                id: "makeSessionLink",
                summary: "Makes a link that signs one browser in, once, within two minutes.",
                access: .command,
                body: .object([]),
                answer: .object([.required("path", .text)]),
            ) { [sessions] _ in
                .object(["path": .string("/session/\(sessions.makeLink())")])
            },
            Operation(
                method: .get,
                path: "/api/session",
                id: "getSession",
                summary: "Whether the caller may make changes.",
                answer: .object([.required("signedIn", .boolean)]),
            ) { [sessions] call in
                let cookie = call.request.cookies[Sessions.cookieName]
                // A wrong token is refused before.
                let isSignedIn =
                    call.request.bearer != nil || cookie.map(sessions.isValid) == true
                return .object(["signedIn": .bool(isSignedIn)])
            },
        ]
    }
}
