package import PortlessCore
package import SystemPackage

/// How a server is reached, for those who write it down.
package struct Entrance: Hashable, Sendable {
    package var exposure: Exposure
    /// The port that speaks plain HTTP on loopback, for the proxy to send its clients to.
    package var plainPort: Port
    /// The Unix domain socket that commands of the same user speak to it by.
    package var socket: FilePath
}
