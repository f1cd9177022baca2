import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import PortlessCore
import Runner

/// Refuses foreign host names, and turns every error into a problem document.
struct ProblemMiddleware: RouterMiddleware {
    let policy: @Sendable () -> AccessPolicy
    /// The methods of a path, for requests with another one.
    let methods: @Sendable (_ path: String) -> [String]
    let timestamp: @Sendable () -> String

    @concurrent func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response,
    ) async throws -> Response {
        var response: Response
        do {
            try policy().checkHost(RequestFacts(request))
            response = try await next(request, context)
        } catch let problem as Problem {
            response = answer(problem)
        } catch let error as SupervisorError {
            response = answer(Problem(error))
        } catch let error as JobError {
            response = answer(Problem(error))
        } catch let error as HTTPError {
            response = answer(problem(error, request))
        } catch is CancellationError {
            response = answer(
                Problem(503, code: "STOPPING", "The server is stopping. Try again in a moment.")
            )
        } catch {
            context.logger.error("\(request.method) \(request.uri.path): \(error)")
            response = answer(Problem(500, code: "INTERNAL", "\(error)"))
        }
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.frameOptions] = "DENY"
        response.headers[.referrerPolicy] = "no-referrer"
        return response
    }

    private func answer(_ problem: Problem) -> Response {
        var response = Response.json(
            problem.json(at: timestamp()),
            status: problem.status,
            type: "application/problem+json",
        )
        if problem.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
        if !problem.allowed.isEmpty {
            response.headers[.allow] = problem.allowed.joined(separator: ", ")
        }
        return response
    }

    private func problem(_ error: HTTPError, _ request: Request) -> Problem {
        guard error.status == .notFound else {
            let code = error.status.code
            return Problem(code, code: "HTTP_\(code)", error.body ?? error.status.reasonPhrase)
        }
        let path = request.uri.path
        let allowed = methods(path)
        guard !allowed.isEmpty else { return .notFound("There is nothing at \(path).") }
        var problem = Problem(
            405,
            code: "METHOD_NOT_ALLOWED",
            "\(path) doesn't take \(request.method.rawValue).",
        )
        problem.allowed = allowed
        return problem
    }
}

extension Response {
    static func json(
        _ value: JSONValue,
        status: Int = 200,
        type: String = "application/json",
    ) -> Response {
        let body = ByteBuffer(string: value.compact + "\n")
        return Response(
            status: HTTPResponse.Status(code: status),
            headers: [
                .contentType: type, .contentLength: String(body.readableBytes),
            ],
            body: ResponseBody(byteBuffer: body),
        )
    }
}
