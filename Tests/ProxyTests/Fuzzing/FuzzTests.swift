import TestSupport
import Testing

@testable import Proxy

/// Hostile input for everything that reads it; `make fuzz` goes on with the compiler's fuzzer.
@Suite struct FuzzTests {
    /// Tries the property on mutants of `seeds`, and says which input breaks it.
    private func expectNone(
        _ seeds: [[UInt8]],
        _ words: [[UInt8]],
        rounds: Int = 20_000,
        line: Int = #line,
        _ violation: (_ bytes: [UInt8], inout Mutator) -> String?,
    ) {
        for var round in Fuzzing.rounds(default: rounds, line: line) {
            let bytes = round.input(from: seeds, inserting: words)
            guard let found = violation(bytes, &round.random) else { continue }
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            Issue.record("\(round) \(found): \(text)")
            return
        }
    }

    @Test func `every request is refused or passed on as what it is`() {
        expectNone(RequestProperties.seeds, RequestProperties.words) { bytes, mutator in
            RequestProperties.violation(bytes, cut: mutator.below(bytes.count + 1))
        }
    }

    @Test func `every response is refused or passed on as what it is`() {
        expectNone(ResponseProperties.seeds, ResponseProperties.words) { bytes, mutator in
            ResponseProperties.violation(
                bytes,
                answering: mutator.below(4) == 0 ? .head : .get,
            )
        }
    }

    @Test func `a chunked body is the same in pieces of any size`() {
        expectNone(ChunkProperties.seeds, ChunkProperties.words) { bytes, mutator in
            let sizes = (0..<4).map { _ in 1 + mutator.below(6) }
            return ChunkProperties.violation(bytes, pieceSizes: sizes)
        }
    }

    @Test func `whatever comes on an HTTP/2 session, apps get whole requests and nothing is left`()
    {
        for var round in Fuzzing.rounds(default: 500) {
            let script = (0..<(20 + round.random.below(400))).map { _ in
                UInt8(truncatingIfNeeded: round.random.next())
            }
            guard let found = HTTP2SessionProperties.violation(script) else { continue }
            Issue.record("\(round) \(found): \(script)")
            return
        }
    }

    @Test func `every HTTP/2 request is refused or written as what it is`() {
        expectNone(HTTP2RequestProperties.seeds, HTTP2RequestProperties.words) { bytes, mutator in
            HTTP2RequestProperties.violation(bytes, hasBody: mutator.below(2) == 0)
        }
    }

    /// A connection takes as long as some forty messages.
    @Test func `a connection answers any bytes with answers, and ends`() {
        expectNone(
            ConnectionProperties.seeds,
            RequestProperties.words,
            rounds: 500,
        ) { bytes, mutator in
            ConnectionProperties.violation(bytes, &mutator)
        }
    }

    @Test func `every DNS message is dropped or gets one small answer to its question`() {
        let query: [UInt8] =
            [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 4] + Array("shop".utf8) + [9]
            + Array("localhost".utf8) + [0, 0, 1, 0, 1, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]
        let words: [[UInt8]] = [[0xC0, 12], [0, 41], [63], [255, 255], Array("localhost".utf8)]
        let answerer = DNSAnswerer(topLevelNames: ["localhost"])
        expectNone([query], words) { bytes, _ in
            guard let answer = answerer.answer(bytes.span) else { return nil }
            // The question, two addresses and the options: nothing to flood others with.
            guard answer.count <= bytes.count + 55 else { return "a long answer" }
            guard answer.prefix(2) == bytes.prefix(2), answer[2] & 0x80 != 0 else {
                return "no answer to this query"
            }
            return answer[5] == 0 || bytes.dropFirst(12).starts(with: answer[12...].prefix(4))
                ? nil : "another question"
        }
    }
}
