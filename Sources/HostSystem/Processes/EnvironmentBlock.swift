/// The `NAME=value` strings that a process was started with.
enum EnvironmentBlock {
    static func parse(_ entries: some Sequence<ArraySlice<UInt8>>) -> [String: String] {
        var environment: [String: String] = [:]
        for entry in entries {
            let parts = entry.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false,
            )
            guard let name = parts.first, !name.isEmpty else { continue }
            environment[String(decoding: name, as: UTF8.self)] = String(
                decoding: parts.dropFirst().first ?? [],
                as: UTF8.self,
            )
        }
        return environment
    }
}
