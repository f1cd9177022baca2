import NIOCore

/// How long a request waits for an app that is starting: `PORTLESS_BOOT_WAIT`, in seconds.
enum BootWait {
    static let variable = "PORTLESS_BOOT_WAIT"
    private static let usual = TimeAmount.seconds(30)
    /// Longer than any browser waits.
    private static let longest: Int64 = 3600

    static func limit(_ environment: [String: String]) throws -> TimeAmount {
        guard let text = environment[variable], !text.isEmpty else { return usual }
        guard let seconds = Int64(text), (0...longest).contains(seconds) else {
            throw Failure(
                "Invalid \(variable) \"\(text)\".",
                remedy: "It is a number of seconds, from 0 to \(longest).",
            )
        }
        return .seconds(seconds)
    }
}
