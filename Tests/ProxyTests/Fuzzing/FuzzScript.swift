/// The bytes of an input as a row of decisions; zeros follow when they are used up.
final class FuzzScript {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    func byte() -> UInt8 { rest.popFirst() ?? 0 }

    func below(_ limit: Int) -> Int { Int(byte()) % max(limit, 1) }

    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    func one<Choice>(of choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// The payload of a SETTINGS frame, with values at the edges of what is allowed.
    func settings() -> [UInt8] {
        var payload: [UInt8] = []
        for _ in 0..<below(4) {
            payload += [0, 1 + byte() % 9]
            let extremes: [[UInt8]] = [
                [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 64, 0], [0x7F, 0xFF, 0xFF, 0xFF],
                [0xFF, 0xFF, 0xFF, 0xFF], bytes(4),
            ]
            payload += one(of: extremes)
        }
        return payload
    }
}
