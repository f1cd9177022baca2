import Foundation
import Testing

extension Sandbox {
    struct Response: Sendable {
        let status: Int
        let body: String
    }

    /// Asks with curl, whose only root is the sandbox's authority.
    func curl(_ url: String, _ extra: String...) async throws -> Response {
        let result = try await start(
            ["curl", "-sS", "--noproxy", "*", "--cacert", authority, "-w", "\n%{http_code}"]
                + extra + [url]
        ).finished()
        guard result.status == 0 else {
            throw NeverHappened(description: "curl \(url): \(result.status) \(result.talk)")
        }
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        return Response(
            status: Int(lines.last ?? "") ?? 0,
            body: lines.dropLast().joined(separator: "\n"),
        )
    }

    /// Waits until the app behind the URL answers with 200.
    @discardableResult
    func answer(_ url: String) async throws -> String {
        var last = ""
        return try await eventually("200 from \(url); last: \(last)", within: .seconds(60)) {
            do {
                let response = try await curl(url)
                last = "\(response.status) \(response.body.prefix(200))"
                return response.status == 200 ? response.body : nil
            } catch {
                last = "\(error)"
                return nil
            }
        }
    }
}
