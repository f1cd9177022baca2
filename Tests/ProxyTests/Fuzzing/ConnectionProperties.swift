import NIOCore
import TestSupport

@testable import Proxy

/// What has to hold for a client's whole HTTP/1 connection, whatever it sends and however an app
/// answers.
enum ConnectionProperties {
    /// Tries the bytes on a proxy that answers everything itself, and on one with an app.
    ///
    /// - Returns: what is wrong with the answers, if anything.
    static func violation(_ bytes: [UInt8], _ mutator: inout Mutator) -> String? {
        do {
            return try ownAnswersViolation(bytes, &mutator) ?? appViolation(bytes, &mutator)
        } catch {
            return "made the channel throw \(error)"
        }
    }

    // MARK: Answers of the proxy's own

    /// How the bytes are cut makes no difference but one: bytes of a head that trickles are judged
    /// only once it is whole.
    private static func ownAnswersViolation(
        _ bytes: [UInt8],
        _ mutator: inout Mutator,
    ) throws -> String? {
        let whole = try EmbeddedClient()
        try whole.send(bytes)
        let answers = try whole.receivedBytes()
        if let found = AnswerText.violation(answers) { return found }

        let trickling = try EmbeddedClient()
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = min(1 + mutator.below(40), rest.count)
            try trickling.send(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        guard answers.starts(with: try trickling.receivedBytes()) else {
            return "answered differently in pieces"
        }
        return ending(of: whole) ?? ending(of: trickling)
    }

    // MARK: Answers of an app

    private static func appViolation(
        _ bytes: [UInt8],
        _ mutator: inout Mutator,
    ) throws -> String? {
        let app = try EmbeddedApp()
        let client = app.client
        var answers: [UInt8] = []
        var rest = bytes[...]
        for _ in 0..<40 where client.isOpen {
            switch mutator.below(5) {
            case 0, 1:
                let length = min(1 + mutator.below(200), rest.count)
                try client.send(rest.prefix(length))
                rest = rest.dropFirst(length)
            case 2: client.takes(mutator.below(2) == 0)
            default:
                let answer = mutator.input(
                    from: ResponseProperties.seeds,
                    inserting: ResponseProperties.words,
                )
                try app.answer(answer[...], cutAt: mutator.below(answer.count + 1))
            }
            answers += try client.receivedBytes()
        }
        client.takes(true)
        answers += try client.receivedBytes()
        return AnswerText.violation(answers) ?? app.requestsViolation() ?? ending(of: client)
    }

    /// With neither side moving, a connection ends, unless the app is thinking about its answer.
    private static func ending(of client: EmbeddedClient) -> String? {
        client.pass(.minutes(11))
        let isWaited = client.isOpen && client.loop.clients.isSweeping
        client.end()
        return isWaited ? "is open for ever" : nil
    }

    static let seeds =
        RequestProperties.seeds + [
            RequestProperties.seeds.flatMap(\.self),
            Array(repeatElement(RequestProperties.seeds[0], count: 30).joined()),
            Array(
                """
                POST /a HTTP/1.1\r\nHost: app.localhost\r\nTransfer-Encoding: chunked\r\n\r
                5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\nPOST / HTTP/1.1\r\nHost: app.localhost\r
                Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhelloGET / HTTP/1.1\r
                Host: app.localhost\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n
                """.utf8
            ),
        ]
}

/// What a client's HTTP/1 connection received, read as one answer after another.
enum AnswerText {
    /// What is no answer in it, if anything; the last one may be cut off.
    ///
    /// No request of the seeds is one for HEAD, so a head tells what follows it.
    static func violation(_ bytes: [UInt8]) -> String? {
        var position = 0
        while position < bytes.count {
            let rest = Array(bytes[position...])
            var head = ResponseHead()
            do {
                guard try head.parse(rest.span, answering: .get) else { return nil }
            } catch {
                return "sent the client what is no answer (\(error.explanation))"
            }
            guard let text = MessageText(rest.prefix(head.length)), text.isFramedOnce else {
                return "sent an answer whose framing is not clear"
            }
            guard text.count("x-portless") > 0 || head.isInterim else {
                return "sent an answer that doesn't say whose it is"
            }
            position += head.length
            // What follows is the app's, in the protocol that it has switched to.
            if head.status == 101 { return nil }
            switch head.framing {
            case .none: continue
            case .length(let length): position += length
            case .untilClose: return nil
            case .chunked:
                guard let end = chunkedEnd(bytes[position...]) else { return nil }
                position += end
            }
        }
        return nil
    }

    private static func chunkedEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
        var decoder = ChunkedDecoder()
        let rest = Array(bytes)
        var position = 0
        while true {
            switch try? decoder.next(rest.span, &position) {
            case .data: continue
            case .end: return position
            case .needMore, nil: return nil
            }
        }
    }
}
