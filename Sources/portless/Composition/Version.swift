/// A version of this program, to tell an older one from a newer one.
struct Version: Comparable, CustomStringConvertible {
    static let current = Version(numbers: numbers(in: Portless.version) ?? [0])

    private let numbers: [Int]

    /// Nil unless the text is numbers with dots in between; what follows `-` or `+` is ignored.
    init?(_ text: String) {
        guard let numbers = Self.numbers(in: text) else { return nil }
        self.init(numbers: numbers)
    }

    private init(numbers: [Int]) {
        self.numbers = numbers
    }

    var description: String { numbers.map { String($0) }.joined(separator: ".") }

    static func < (lhs: Version, rhs: Version) -> Bool {
        lhs.numbers.lexicographicallyPrecedes(rhs.numbers)
    }

    private static func numbers(in text: String) -> [Int]? {
        let core = text.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.allSatisfy(\.isASCII) ? Int($0) : nil }
        return numbers.count == parts.count ? numbers : nil
    }
}
