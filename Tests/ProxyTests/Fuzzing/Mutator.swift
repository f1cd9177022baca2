/// Makes inputs that are nearly well-formed, the same ones for the same seed.
struct Mutator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(limit, 1), using: &self) }

    /// One of the seeds after up to six changes; some stay as they are.
    mutating func input(from seeds: [[UInt8]], inserting words: [[UInt8]]) -> [UInt8] {
        var bytes = seeds[below(seeds.count)]
        for _ in 0..<below(7) { change(&bytes, seeds, words) }
        return bytes
    }

    private mutating func change(
        _ bytes: inout [UInt8],
        _ seeds: [[UInt8]],
        _ words: [[UInt8]],
    ) {
        let place = below(bytes.count + 1)
        let end = min(place + below(12), bytes.count)
        switch below(8) {
        case 0 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: next())
        case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count + 1))
        case 4:
            let other = seeds[below(seeds.count)]
            bytes.replaceSubrange(place..., with: other[below(other.count)...])
        default: bytes.insert(contentsOf: words[below(words.count)], at: place)
        }
    }
}
