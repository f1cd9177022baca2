import HTTPTypes
import Hummingbird
import PortlessCore

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
                "Max-Age=\(Sessions.lifetime)",
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

/// Creates those links, for clients with the token.
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
            }
        ]
    }
}
