import HTTPTypes
import Hummingbird
import PortlessCore

/// Serves the page at `/`, which gets its data from the API.
struct DashboardRoutes {
    let policy: @Sendable () -> AccessPolicy

    /// Allows only the page's own style and script, and the API of the same origin.
    private static let contentSecurityPolicy =
        """
        default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; \
        img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    func add(to router: Router<APIContext>) {
        serve("/", DashboardPage.html, type: "text/html", on: router)
        serve("/dashboard.js", DashboardScript.text, type: "text/javascript", on: router)
    }

    private func serve(
        _ path: String,
        _ text: String,
        type: String,
        on router: Router<APIContext>,
    ) {
        router.on(RouterPath(path), method: .get) { request, _ -> Response in
            try policy().check(RequestFacts(request), for: .read)
            let body = ByteBuffer(string: text)
            return Response(
                status: .ok,
                headers: [
                    .contentType: "\(type); charset=utf-8",
                    .contentLength: String(body.readableBytes),
                    .contentSecurityPolicy: Self.contentSecurityPolicy,
                    .cacheControl: "no-cache",
                ],
                body: ResponseBody(byteBuffer: body),
            )
        }
    }
}
