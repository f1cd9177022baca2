import NIOCore
import NIOHPACK

@testable import Proxy

/// What has to hold for any fields that claim to be an HTTP/2 request.
enum HTTP2RequestProperties {
    /// Fields as lines of `name=value`, so that they can be mutated as bytes.
    static func violation(_ bytes: [UInt8], hasBody: Bool) -> String? {
        var headers = HPACKHeaders()
        for line in bytes.split(separator: 0x0A) {
            let parts = line.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            // Other names can't be put into `HPACKHeaders`.
            guard parts[0].allSatisfy({ $0 < 128 }) else { continue }
            headers.add(
                name: String(decoding: parts[0], as: UTF8.self),
                value: String(decoding: parts.count > 1 ? parts[1] : [], as: UTF8.self),
            )
        }
        guard let request = try? HTTP2Request(headers, makeKey: { "key" }),
            request.hops < Exchange.maximumHops
        else { return nil }
        var out = ByteBuffer()
        request.write(
            headers,
            hasBody: hasBody,
            forwarded: ForwardedFields(peerAddress: "::1", isSecure: true),
            to: &out,
        )
        let written = Array(out.readableBytesView)
        guard let text = MessageText(written) else { return "wrote lines that are not clean" }
        guard text.isFramedOnce else { return "wrote an ambiguous length" }
        guard text.count("host") == 1 else { return "wrote \(text.count("host")) Hosts" }
        return readingViolation(request, written, hasBody: hasBody)
    }

    private static func readingViolation(
        _ request: HTTP2Request,
        _ written: [UInt8],
        hasBody: Bool,
    ) -> String? {
        var head = RequestHead()
        do {
            guard try head.parse(written.span) else { return "wrote half a head" }
        } catch {
            return "wrote what HTTP/1 refuses: \(error)"
        }
        if head.length != written.count { return "wrote more than a head" }
        if head.hops != request.hops + 1 { return "did not count the hop" }
        if head.isUpgrade != (request.webSocket != nil) { return "changed the upgrade" }
        guard request.webSocket == nil else {
            return head.framing == .none ? nil : "framed a tunnel"
        }
        let expected: BodyFraming =
            switch request.contentLength {
            case .some(0): .none
            case .some(let length): .length(length)
            case .none: hasBody ? .chunked : .none
            }
        if head.framing != expected { return "framed as \(head.framing), not \(expected)" }
        func text(_ range: ByteRange) -> String {
            String(decoding: written[range.start..<range.end], as: UTF8.self)
        }
        if text(head.method) != request.method { return "changed the method" }
        if text(head.target) != request.path { return "changed the path" }
        return text(head.authority) == request.authority ? nil : "changed the authority"
    }

    static let seeds = [
        ":method=GET\n:scheme=https\n:authority=app.localhost\n:path=/\naccept=*/*",
        ":method=POST\n:scheme=https\n:authority=a.localhost:443\n:path=/x\ncontent-length=5",
        ":method=CONNECT\n:protocol=websocket\n:scheme=https\n:authority=a\n:path=/ws\norigin=x",
        ":method=OPTIONS\n:scheme=https\n:path=*\nhost=b.localhost\ncookie=a=1\ncookie=b=2",
        """
        :method=PUT\n:scheme=https\n:authority=a\n:path=/\nx-forwarded-for=10.0.0.1
        x-forwarded-host=b\nx-forwarded-port=8\nx-forwarded-proto=http\nx-portless-hops=2\nte=trailers
        """,
    ].map { Array($0.utf8) }

    static let words = [
        "\n", "=", "\r", "\0", " ", "\r\n", "host=b\n", "content-length=7\n", "+", "-", "é", "A",
        ":",
        "transfer-encoding=chunked\n", "connection=close\n", "upgrade=websocket\n", ":path=/y\n",
        "\t",
        "x-portless-hops=3\n", "cookie=c=3\n", "sec-websocket-version=13\n", "x-forwarded-for=y\n",
        "0",
    ].map { Array($0.utf8) }
}
