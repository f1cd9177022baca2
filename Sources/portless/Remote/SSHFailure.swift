import HostSystem
import PortlessCore

/// Why there is no connection to another machine.
struct SSHFailure: Error, Equatable {
    var sentence: String
    var remedy: String?
    /// Whether another try would fail as well until the user has done something.
    var isFinal = false
    /// Whether a person at the terminal could answer what ssh has to ask.
    var mayBeAnswered = false

    var failure: Failure { Failure(sentence, remedy: remedy) }

    /// `ssh` exits with 255 for all its own failures, so its words have to tell them apart.
    static func of(_ complaint: String, host: RemoteHost) -> SSHFailure {
        func says(_ words: String...) -> Bool { words.contains(where: complaint.contains) }
        let byHand = "ssh \(host)"
        if says("REMOTE HOST IDENTIFICATION HAS CHANGED") {
            return SSHFailure(
                sentence: "The host key of \(host) is another one than before.",
                remedy: """
                    Another machine may have taken its place. If the change is expected, remove the old \
                    key with ssh-keygen -R, and connect once by: \(byHand)
                    """,
                isFinal: true,
            )
        }
        if says("Host key verification failed", "authenticity of host") {
            return SSHFailure(
                sentence: "The host key of \(host) isn't known here.",
                remedy: "Connect once, and accept it, by: \(byHand)",
                isFinal: true,
                mayBeAnswered: true,
            )
        }
        if says("Permission denied", "Too many authentication failures") {
            return SSHFailure(
                sentence: "\(host) refuses the login.",
                remedy: """
                    Where it takes a password or a passphrase, call this in a terminal; see whether \
                    this works: \(byHand)
                    """,
                isFinal: true,
                mayBeAnswered: true,
            )
        }
        if says("Could not resolve hostname") {
            return SSHFailure(
                sentence: "There is no host called \"\(host)\", as far as ssh knows.",
                remedy: "See whether this works: \(byHand)",
            )
        }
        let lines = complaint.split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("Warning: Permanently added") }
        let reason = lines.last.map { String($0.prefix(300)).visibleLine }
        return SSHFailure(
            sentence: "There is no connection to \(host)\(reason.map { ": \($0)" } ?? ".")",
            remedy: "See whether this works: \(byHand)",
        )
    }
}

/// When a lost connection is tried again.
struct ReconnectPace: Equatable {
    private static let first = Duration.seconds(1)
    private static let longest = Duration.seconds(30)

    private var next = first

    /// The pause before the next try, twice as long each time.
    mutating func pause() -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next
    }

    mutating func connected() { next = Self.first }
}
