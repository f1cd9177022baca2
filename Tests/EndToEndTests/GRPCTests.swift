import Foundation
import Testing

extension EndToEnd {
    /// gRPC as its own library speaks it: HTTP/2 behind the proxy, trailers, streams.
    @Suite struct GRPCTests {}
}

extension EndToEnd.GRPCTests {
    private func call(through flags: String...) async throws {
        try await Sandbox.with { sandbox in
            let port = try FreePort.next()
            _ = try sandbox.start(
                ["python3", Apps.path("grpc-server.py")],
                environment: ["PORT": "\(port)"],
            )
            let start = try await sandbox.start(
                [Binary.path, "proxy", "start", "-p", "\(sandbox.port)"] + flags
            ).finished()
            #expect(start.status == 0)
            try await sandbox.portless("alias", "echo", "\(port)", "--h2c")
            let client = ["python3", Apps.path("grpc-client.py"), "echo.localhost"]
            let authority = flags.isEmpty ? [sandbox.authority] : []
            try await eventually("the gRPC server answers") {
                let result = try await sandbox.start(client + ["\(sandbox.port)"] + authority)
                    .finished()
                return result.output == Self.expected ? () : nil
            }
        }
    }

    private static let expected = """
        HELLO 5
        NOT_FOUND no such thing
        you said one
        you said two
        you said three
        0 more

        """

    @Test func `gRPC works over TLS`() async throws {
        try await call()
    }

    @Test func `gRPC works without TLS`() async throws {
        try await call(through: "--no-tls")
    }
}
