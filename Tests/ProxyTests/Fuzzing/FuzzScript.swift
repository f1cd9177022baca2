/// The bytes of an input as a row of decisions; zeros follow when they are used up.
struct FuzzScript {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func below(_ limit: Int) -> Int { Int(byte()) % max(limit, 1) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    mutating func one<Choice>(of choices: [Choice]) -> Choice { choices[below(choices.count)] }
}
