import HTTPTypes
import Hummingbird

/// Serves the page at `/` and its files below `/assets/<version>/`; data comes from the API.
struct DashboardRoutes {
    let policy: @Sendable () -> AccessPolicy
    var files = DashboardFiles.embedded
    /// The part that the page begins with, where that isn't its usual one.
    var firstView: String?

    /// Allows only the page's own files and the API of the same origin, and no markup from strings.
    static let contentSecurityPolicy =
        """
        default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
        img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
        require-trusted-types-for 'script'; trusted-types 'none'
        """

    func add(to router: Router<APIContext>) {
        router.on("/", method: .get) { request, _ -> Response in
            try policy().check(RequestFacts(request), for: .read)
            // The page has the question mark, so it isn't sent there again.
            if let firstView, request.uri.query == nil {
                return Response(status: .found, headers: [.location: "/?#/\(firstView)"])
            }
            return try page(request)
        }
        router.on("/assets/{version}/**", method: .get) { request, context -> Response in
            try policy().check(RequestFacts(request), for: .read)
            let name = context.parameters.getCatchAll().joined(separator: "/")
            guard context.parameters.get("version") == files.version, let file = files[name],
                name != DashboardFiles.page
            else {
                throw Problem.notFound(
                    "There is no \(name) in this version of the dashboard. Load the page again."
                )
            }
            return response(file, to: request, cache: "public, max-age=31536000, immutable")
        }
    }

    private func page(_ request: Request) throws -> Response {
        guard let file = files[DashboardFiles.page] else {
            throw Problem.notFound("The dashboard has no page.")
        }
        // The page can only change together with the version.
        let tag = "\"\(files.version)\""
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if request.headers[.ifNoneMatch]?.contains(tag) == true {
            return Response(status: .notModified, headers: headers)
        }
        var response = response(file, to: request, cache: "no-cache")
        response.headers[.eTag] = tag
        response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        return response
    }

    private func response(
        _ file: DashboardFiles.File,
        to request: Request,
        cache: String,
    ) -> Response {
        let takesGzip = request.headers[.acceptEncoding]?.lowercased().contains("gzip") == true
        let body =
            takesGzip ? ByteBuffer(bytes: file.gzip) : ByteBuffer(string: file.text)
        var headers: HTTPFields = [
            .contentType: DashboardFiles.mediaType(of: file.name) ?? "text/plain",
            .contentLength: String(body.readableBytes),
            .cacheControl: cache,
            .vary: "Accept-Encoding",
        ]
        if takesGzip { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
}
