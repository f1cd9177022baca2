import PortlessCore
import Testing

@testable import portless

@Suite struct SSHFailureTests {
    private func failure(_ complaint: String) throws -> SSHFailure {
        .of(complaint, host: try RemoteHost(parsing: "dev@box"))
    }

    @Test(arguments: [
        ("dev@box: Permission denied (publickey).", "refuses the login", true),
        ("Host key verification failed.", "isn't known here", true),
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            "another one than before", true,
        ),
        (
            "ssh: Could not resolve hostname box: Name or service not known", "no host called",
            false,
        ),
        (
            "ssh: connect to host box port 22: Connection refused", "port 22: Connection refused",
            false,
        ),
        ("", "There is no connection to dev@box.", false),
    ])
    func `each failure is one sentence, and final where only the user can help`(
        complaint: String,
        words: String,
        isFinal: Bool,
    ) throws {
        let failure = try failure(complaint)
        #expect(failure.sentence.contains(words))
        #expect(failure.isFinal == isFinal)
        #expect(failure.remedy?.isEmpty == false)
    }

    @Test func `a changed key is never a question`() throws {
        let changed = try failure("REMOTE HOST IDENTIFICATION HAS CHANGED")
        #expect(!changed.mayBeAnswered)
        #expect(try failure("Host key verification failed.").mayBeAnswered)
    }

    @Test func `what the other side says is shown visibly and briefly`() throws {
        let sentence = try failure("\u{1B}[2J" + String(repeating: "x", count: 9000)).sentence
        #expect(!sentence.contains("\u{1B}") && sentence.count < 400)
    }

    @Test func `pauses grow to half a minute, and shrink with a connection`() {
        var pace = ReconnectPace()
        let pauses = (0..<7).map { _ in pace.pause().components.seconds }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30])
        pace.connected()
        #expect(pace.pause() == .seconds(1))
    }
}
