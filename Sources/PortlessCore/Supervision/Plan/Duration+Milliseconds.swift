import HostSystem

extension Duration {
    /// Whole milliseconds, as files and interfaces have them.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.saturatingMultiply(by: 1000)
            .saturatingAdd(attoseconds / 1_000_000_000_000_000)
    }
}
