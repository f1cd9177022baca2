/// Makes inputs that are nearly well-formed, the same ones for the same seed.
package struct Mutator: RandomNumberGenerator {
    /// Repetition stops here: what nests or multiplies without bound shows itself earlier.
    private static let largestRepetition = 16 << 10

    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func below(_ limit: Int) -> Int {
        Int.random(in: 0..<max(limit, 1), using: &self)
    }

    /// One of the seeds after up to six changes; some stay as they are.
    package mutating func input(from seeds: [[UInt8]], inserting words: [[UInt8]]) -> [UInt8] {
        guard !seeds.isEmpty else { return [] }
        var bytes = seeds[below(seeds.count)]
        for _ in 0..<below(7) { change(&bytes, seeds, words) }
        return bytes
    }

    /// One of the seeds after up to four changes of whole lines and up to three of bytes.
    package mutating func lines(from seeds: [[UInt8]], inserting words: [[UInt8]]) -> [UInt8] {
        guard !seeds.isEmpty else { return [] }
        var lines = Self.lines(of: seeds[below(seeds.count)])
        for _ in 0..<below(5) { change(&lines, seeds) }
        var bytes = Array(lines.joined(separator: [0x0A]))
        for _ in 0..<below(4) { change(&bytes, seeds, words) }
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
        case 3:
            let copies = below(24) == 0 ? 1 << below(13) : 1
            let piece = Array(bytes[place..<end])
            let fitting = min(copies, Self.largestRepetition / max(piece.count, 1))
            let repeated = Array(repeatElement(piece, count: max(fitting, 1)).joined())
            bytes.insert(contentsOf: repeated, at: below(bytes.count + 1))
        case 4:
            let other = seeds[below(seeds.count)]
            bytes.replaceSubrange(place..., with: other[below(other.count)...])
        default:
            guard !words.isEmpty else { return }
            bytes.insert(contentsOf: words[below(words.count)], at: place)
        }
    }

    private mutating func change(_ lines: inout [[UInt8]], _ seeds: [[UInt8]]) {
        let place = below(lines.count)
        let other = below(lines.count)
        switch below(7) {
        case 0: lines.remove(at: place)
        case 1: lines.insert(lines[place], at: other)
        case 2: lines.swapAt(place, other)
        case 3: lines[place].insert(contentsOf: repeatElement(0x20, count: 1 + below(8)), at: 0)
        case 4: lines[place] = Array(lines[place].drop { $0 == 0x20 })
        case 5:
            let foreign = Self.lines(of: seeds[below(seeds.count)])
            lines.insert(foreign[below(foreign.count)], at: place)
        default: lines[place] += lines[other]
        }
        if lines.isEmpty { lines.append([]) }
    }

    /// At least one, because an empty text is an empty line.
    private static func lines(of bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    }
}
