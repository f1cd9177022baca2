import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import PortlessCore
import Testing

@testable import Proxy

/// A request gets the same treatment over both protocols.
@Suite(.timeLimit(.minutes(1))) struct AdmissionTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        var authority = "nowhere.localhost"
        var hops: Int?
        var isUpgrade = false
        let status: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "a plain request is sent to HTTPS", status: "302"),
        Case(name: "a loop is told before", hops: 5, status: "508"),
        Case(name: "a request without a host is none", authority: "", hops: 5, status: "400"),
        Case(name: "an upgrade is not redirected", isUpgrade: true, status: "404"),
    ]

    private func connection(_ redirectsToTLS: Bool) throws -> EmbeddedChannel {
        let eventLoop = EmbeddedEventLoop()
        let connection = HTTP1Connection(
            loop: ProxyLoop.embedded(on: eventLoop),
            forwarded: ForwardedFields(peerAddress: "127.0.0.1", isSecure: false),
            redirectsToTLS: redirectsToTLS,
        )
        let channel = EmbeddedChannel(handler: connection, loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test(arguments: cases) func `over HTTP/1`(_ admission: Case) throws {
        var request = "GET / HTTP/1.1\r\nHost: \(admission.authority)\r\n"
        if let hops = admission.hops { request += "X-Portless-Hops: \(hops)\r\n" }
        if admission.isUpgrade { request += "Connection: upgrade\r\nUpgrade: websocket\r\n" }
        let channel = try connection(true)
        try channel.writeInbound(ByteBuffer(string: request + "\r\n"))
        let answer = try channel.readOutbound(as: ByteBuffer.self).map { String(buffer: $0) }
        #expect(answer?.hasPrefix("HTTP/1.1 \(admission.status) ") == true, "\(answer ?? "")")
    }

    @Test(arguments: cases) func `over HTTP/2`(_ admission: Case) throws {
        var fields = [(":method", "GET"), (":scheme", "http"), (":path", "/")]
        if !admission.authority.isEmpty { fields.append((":authority", admission.authority)) }
        if let hops = admission.hops { fields.append(("x-portless-hops", String(hops))) }
        if admission.isUpgrade {
            fields[0].1 = "CONNECT"
            fields.append((":protocol", "websocket"))
        }
        let channel = try EmbeddedHTTP2.channel(redirectsToTLS: true)
        try channel.writeInbound(
            HTTP2Frame(
                streamID: 1,
                payload: .headers(.init(headers: HPACKHeaders(fields), endStream: true)),
            )
        )
        channel.embeddedEventLoop.run()
        var status: String?
        while let frame = try channel.readOutbound(as: HTTP2Frame.self) {
            guard case .headers(let headers) = frame.payload else { continue }
            status = headers.headers.first(name: ":status")
        }
        #expect(status == admission.status)
    }
}
