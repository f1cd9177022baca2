import HostSystem
import PortlessCore
import Testing

@testable import Machine

/// A host name that the test knows to be valid.
func name(_ text: String) throws -> Hostname {
    try #require(Hostname(text))
}

let someTime = Timestamp(seconds: 1_790_000_000)
