import NIOCore
import NIOHPACK
import Testing

@testable import Proxy

@Suite struct HTTP2AnswerTests {
    private let head: HPACKHeaders = [":status": "200"]

    /// Takes what may be sent, each part as its kind and size, with a dot where the stream ends.
    private func take(_ answer: inout HTTP2Answer, allowance: Int = .max) -> String {
        var parts: [String] = []
        while let part = answer.next(allowance: allowance) {
            switch part {
            case .headers(_, let isLast): parts.append("headers" + (isLast ? "." : ""))
            case .data(let bytes, let isLast):
                parts.append("\(bytes.readableBytes)" + (isLast ? "." : ""))
            }
        }
        return parts.joined(separator: " ")
    }

    private func answer(window: Int = 1000, _ size: Int) -> HTTP2Answer {
        var answer = HTTP2Answer(window: window)
        answer.begin(head)
        answer.append(ByteBuffer(repeating: 0x61, count: size))
        return answer
    }

    @Test func `nothing is sent before the head`() {
        var answer = HTTP2Answer(window: 10)
        answer.append(ByteBuffer(string: "early"))
        #expect(take(&answer) == "")
        answer.begin(head)
        #expect(take(&answer) == "headers 5")
    }

    @Test func `the last part ends the stream`() {
        var empty = answer(0)
        empty.finish(trailers: nil)
        #expect(take(&empty) == "headers.")
        #expect(empty.isSent)
        var whole = answer(5)
        whole.finish(trailers: nil)
        #expect(take(&whole) == "headers 5.")
        var late = answer(5)
        #expect(take(&late) == "headers 5")
        late.finish(trailers: nil)
        #expect(take(&late) == "0.")
        var trailed = answer(5)
        trailed.finish(trailers: ["sum": "1"])
        #expect(take(&trailed) == "headers 5 headers.")
        #expect(take(&trailed) == "")
    }

    @Test func `data waits for the smaller window`() {
        var answer = answer(window: 7, 10)
        answer.finish(trailers: nil)
        #expect(take(&answer) == "headers 7")
        #expect(answer.pendingBytes == 3 && answer.window == 0)
        answer.window = -4
        #expect(take(&answer) == "")
        answer.window = 100
        #expect(take(&answer, allowance: 0) == "")
        #expect(take(&answer, allowance: 2) == "2 1.")
    }

    @Test func `what is dropped is never sent`() {
        var answer = answer(10)
        answer.drop()
        answer.finish(trailers: nil)
        #expect(take(&answer) == "")
        #expect(answer.pendingBytes == 0)
    }
}
