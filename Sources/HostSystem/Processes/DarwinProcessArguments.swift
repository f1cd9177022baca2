/// The answer of macOS's `KERN_PROCARGS2`: a count (four bytes), the executable's path, padding
/// zeros, the arguments, then the environment up to an empty string.
///
/// Of Apple's own protected programs (`/bin/sh`) the kernel leaves the environment out.
struct DarwinProcessArguments {
    let arguments: [String]
    let environment: [String: String]

    init?(_ bytes: [UInt8]) {
        guard bytes.count > 4 else { return nil }
        let count = bytes[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
        let afterPath = bytes[4...].drop { $0 != 0 }.drop { $0 == 0 }
        let strings = afterPath.split(separator: 0, omittingEmptySubsequences: false)
        guard strings.count >= count else { return nil }
        arguments = strings.prefix(count).map { String(decoding: $0, as: UTF8.self) }
        environment = EnvironmentBlock.parse(strings.dropFirst(count).prefix { !$0.isEmpty })
    }
}
