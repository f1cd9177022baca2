/// The answer of macOS's `KERN_PROCARGS2`: a count (four bytes), the executable's path, padding
/// zeros, the arguments, then the environment.
enum DarwinProcessArguments {
    static func parse(_ bytes: [UInt8]) -> [String]? {
        guard bytes.count > 4 else { return nil }
        let count = bytes[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        let afterPath = bytes[4...].drop { $0 != 0 }.drop { $0 == 0 }
        let arguments = afterPath.split(separator: 0, omittingEmptySubsequences: false)
            .prefix(count)
        guard arguments.count == count else { return nil }
        return arguments.map { String(decoding: $0, as: UTF8.self) }
    }
}
