// The compiler's fuzzer, guided by coverage, against the parsers of the data plane. `make fuzz`
// compiles this together with those parsers, which need no library, into one module.

/// libFuzzer calls this with one input after another; a trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let input = UnsafeBufferPointer(start: start, count: count)
    let bytes = Array(input.dropFirst())
    switch input[0] % 3 {
    case 0: checkRequest(bytes)
    case 1: checkResponse(bytes)
    default: checkChunks(bytes, size: 1 + Int(input[0] / 3) % 7)
    }
    return 0
}

private func checkRequest(_ bytes: [UInt8]) {
    var head = RequestHead()
    guard (try? head.parse(bytes.span)) == true else { return }
    checkText(bytes.prefix(head.length))
    for range in [head.method, head.target, head.authority, head.originForm] {
        precondition(range.start <= range.end && range.end <= head.length, "a range outside")
    }
    var cut = RequestHead()
    let start = Array(bytes.prefix(head.length - 1))
    let isWhole = (try? cut.parse(start.span)) ?? true
    precondition(!isWhole, "a head without its end is refused or taken for a whole one")
}

private func checkResponse(_ bytes: [UInt8]) {
    var head = ResponseHead()
    guard (try? head.parse(bytes.span, answering: .get)) == true else { return }
    checkText(bytes.prefix(head.length))
}

private func checkText(_ bytes: some Collection<UInt8>) {
    guard let text = MessageText(bytes) else {
        preconditionFailure("accepted a head whose lines are not clean")
    }
    precondition(text.isFramedOnce, "accepted an ambiguous length")
    precondition(text.count("host") < 2 || text.startLine.starts(with: "HTTP/".utf8), "two Hosts")
}

/// A body that comes in pieces is the body that comes at once.
private func checkChunks(_ bytes: [UInt8], size: Int) {
    let whole = decode(bytes, size: bytes.count)
    let pieces = decode(bytes, size: size)
    if let whole {
        guard let pieces else { preconditionFailure("refused in pieces only") }
        precondition(whole.data == pieces.data, "pieces give other data")
        precondition(whole.end == pieces.end, "pieces end elsewhere")
    } else {
        // Trailers in pieces are only read once they may be whole, so they are refused later.
        precondition(pieces?.end == nil, "accepted in pieces only")
    }
}

private func decode(_ bytes: [UInt8], size: Int) -> (data: [UInt8], end: Int?)? {
    var decoder = ChunkedDecoder()
    var data: [UInt8] = []
    var start = 0
    var end = 0
    while end < bytes.count {
        end = min(end + size, bytes.count)
        let window = Array(bytes[start..<end])
        var position = 0
        do {
            events: while true {
                switch try decoder.next(window.span, &position) {
                case .data(let range): data += window[range.start..<range.end]
                case .end: return (data, start + position)
                case .needMore: break events
                }
            }
        } catch {
            return nil
        }
        start += position
    }
    return (data, nil)
}
