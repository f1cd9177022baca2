#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A terminal's settings, kept to put them back.
package struct TerminalModes: Sendable {
    let attributes: termios
}
