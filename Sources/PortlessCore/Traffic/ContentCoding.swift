/// The codings of bodies (RFC 9110 section 8.4.1) that are unpacked to be shown.
package enum ContentCoding: String, Sendable {
    case gzip, deflate

    /// Nil for other codings, and for several of them.
    package init?(field: String) {
        switch field.trimmingBlanks.lowercased() {
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default: return nil
        }
    }

    /// At most `limit` bytes of what was packed, and whether that is all of it; nil where nothing can
    /// be unpacked.
    ///
    /// Of a body that was cut, or is damaged further on, the part before is returned. Checksums
    /// aren't looked at: what is wrong in a body is what its reader wants to see.
    package func unpack(_ bytes: [UInt8], limit: Int) -> (bytes: [UInt8], isWhole: Bool)? {
        var inflater = Inflater(bytes, limit: limit)
        var isWhole = true
        do throws(Inflater.Stop) {
            switch self {
            case .gzip:
                // Several members stand for the parts of one body (RFC 1952 section 2.2).
                repeat {
                    try inflater.skipGzipHeader()
                    try inflater.inflate()
                    try inflater.skip(8)
                } while inflater.hasMore
            case .deflate:
                // Some servers leave out the wrapping of RFC 1950.
                if Self.isWrapped(bytes) { try inflater.skip(2) }
                try inflater.inflate()
            }
        } catch {
            isWhole = false
        }
        guard isWhole || !inflater.output.isEmpty else { return nil }
        return (inflater.output, isWhole)
    }

    private static func isWrapped(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 1 else { return false }
        return bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
            && bytes[1] & 0x20 == 0
    }
}

/// Decompresses DEFLATE data (RFC 1951) up to a limit.
///
/// By hand, because zlib would be a library that has to be there at run time; bodies are short, so
/// that this reads bit by bit, without tables for speed.
struct Inflater {
    /// Why there is no more output.
    enum Stop: Error {
        case endOfInput, limit, invalid
    }

    private let input: [UInt8]
    private let limit: Int
    private var position = 0
    private var bits: UInt32 = 0
    private var bitCount = 0
    private(set) var output: [UInt8] = []

    init(_ input: [UInt8], limit: Int) {
        self.input = input
        self.limit = limit
    }

    var hasMore: Bool { position < input.count }

    // MARK: Wrappings

    mutating func skip(_ count: Int) throws(Stop) {
        guard count <= input.count - position else { throw .endOfInput }
        position += count
    }

    mutating func skipGzipHeader() throws(Stop) {
        guard input.count - position >= 10 else { throw .endOfInput }
        guard input[position] == 0x1F, input[position + 1] == 0x8B, input[position + 2] == 8
        else { throw .invalid }
        let flags = input[position + 3]
        try skip(10)
        if flags & 0x04 != 0 {
            guard input.count - position >= 2 else { throw .endOfInput }
            try skip(2 + Int(input[position]) + Int(input[position + 1]) << 8)
        }
        for flag: UInt8 in [0x08, 0x10] where flags & flag != 0 {
            guard let end = input[position...].firstIndex(of: 0) else { throw .endOfInput }
            position = end + 1
        }
        if flags & 0x02 != 0 { try skip(2) }
    }

    // MARK: Blocks

    /// Reads blocks up to the last one; the next byte of the input follows it.
    mutating func inflate() throws(Stop) {
        bits = 0
        bitCount = 0
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try copyCompressed(Self.fixedLiterals, Self.fixedDistances)
            case 2:
                let codes = try readCodes()
                try copyCompressed(codes.literals, codes.distances)
            default: throw .invalid
            }
        }
    }

    private mutating func take(_ count: Int) throws(Stop) -> Int {
        while bitCount < count {
            guard position < input.count else { throw .endOfInput }
            bits |= UInt32(input[position]) << UInt32(bitCount)
            position += 1
            bitCount += 8
        }
        let value = bits & (1 << UInt32(count) - 1)
        bits >>= UInt32(count)
        bitCount -= count
        return Int(value)
    }

    private mutating func put(_ byte: UInt8) throws(Stop) {
        guard output.count < limit else { throw .limit }
        output.append(byte)
    }

    private mutating func copyStored() throws(Stop) {
        // Less than a byte is left over, which is padding.
        bits = 0
        bitCount = 0
        guard input.count - position >= 4 else { throw .endOfInput }
        let length = Int(input[position]) | Int(input[position + 1]) << 8
        let check = Int(input[position + 2]) | Int(input[position + 3]) << 8
        guard length == check ^ 0xFFFF else { throw .invalid }
        position += 4
        for _ in 0..<length {
            guard position < input.count else { throw .endOfInput }
            try put(input[position])
            position += 1
        }
    }

    private mutating func copyCompressed(
        _ literals: HuffmanCode,
        _ distances: HuffmanCode,
    ) throws(Stop) {
        while true {
            let symbol = try decode(literals)
            if symbol < 256 {
                try put(UInt8(symbol))
            } else if symbol == 256 {
                return
            } else {
                guard symbol - 257 < Self.lengths.count else { throw .invalid }
                let (base, extra) = Self.lengths[symbol - 257]
                let length = base + (try take(extra))
                let distance = try decodeDistance(distances)
                guard distance <= output.count else { throw .invalid }
                for _ in 0..<length { try put(output[output.count - distance]) }
            }
        }
    }

    private mutating func decodeDistance(_ code: HuffmanCode) throws(Stop) -> Int {
        let symbol = try decode(code)
        guard symbol < 30 else { throw .invalid }
        guard symbol > 3 else { return symbol + 1 }
        let extra = symbol / 2 - 1
        return (2 + symbol & 1) << extra + 1 + (try take(extra))
    }

    /// The codes are read from their first bit on (RFC 1951 section 3.2.2).
    private mutating func decode(_ code: HuffmanCode) throws(Stop) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            value |= try take(1)
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .invalid
    }

    // MARK: Codes

    private mutating func readCodes() throws(Stop) -> (
        literals: HuffmanCode, distances: HuffmanCode
    ) {
        let literals = try take(5) + 257
        let distances = try take(5) + 1
        let count = try take(4) + 4
        guard literals <= 286, distances <= 30 else { throw .invalid }
        var lengths = [Int](repeating: 0, count: 19)
        for place in Self.order.prefix(count) { lengths[place] = try take(3) }
        let code = try HuffmanCode(lengths)
        lengths = []
        while lengths.count < literals + distances {
            switch try decode(code) {
            case let length where length < 16: lengths.append(length)
            case 16:
                guard let last = lengths.last else { throw .invalid }
                lengths += Array(repeating: last, count: 3 + (try take(2)))
            case 17: lengths += Array(repeating: 0, count: 3 + (try take(3)))
            default: lengths += Array(repeating: 0, count: 11 + (try take(7)))
            }
        }
        guard lengths.count == literals + distances, lengths[256] > 0 else { throw .invalid }
        return (
            try HuffmanCode(Array(lengths[..<literals])),
            try HuffmanCode(Array(lengths[literals...])),
        )
    }

    /// The order in which the lengths of the code for lengths are sent.
    private static let order = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ]

    /// The least length that each symbol from 257 on stands for, and how many bits are added to it.
    private static let lengths: [(base: Int, extra: Int)] = {
        var lengths = (0..<8).map { (base: $0 + 3, extra: 0) }
        for extra in 1...5 {
            for step in 0..<4 { lengths.append(((4 + step) << extra + 3, extra)) }
        }
        return lengths + [(258, 0)]
    }()

    private static let fixedLiterals = HuffmanCode(
        valid: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112)
            + Array(repeating: 7, count: 24) + Array(repeating: 8, count: 8)
    )
    private static let fixedDistances = HuffmanCode(valid: Array(repeating: 5, count: 30))
}

/// A canonical Huffman code: how many symbols there are of each length, and the symbols in order.
struct HuffmanCode {
    let counts: [Int]
    let symbols: [Int]

    /// `lengths` are those of the symbols' codes from 0 on; 0 stands for none.
    init(_ lengths: [Int]) throws(Inflater.Stop) {
        self.init(valid: lengths)
        // More codes of a length than fit would make two symbols of one.
        var free = 1
        for count in counts.dropFirst() {
            free = free << 1 - count
            guard free >= 0 else { throw .invalid }
        }
    }

    init(valid lengths: [Int]) {
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths where length > 0 { counts[length] += 1 }
        self.counts = counts
        symbols = lengths.indices.filter { lengths[$0] > 0 }
            .sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }
}
