import SystemPackage
import Testing

@testable import Machine

@Suite struct LaunchdJobTests {
    @Test func `launchd opens the ports, and the proxy runs as the user`() throws {
        let text = try LaunchdJob.text(of: SystemdUnitsTests.job(.system))
        let blankless = text.split(whereSeparator: \.isWhitespace).joined()
        #expect(blankless.contains("<key>Label</key><string>sh.portless.proxy</string>"))
        #expect(blankless.contains("<key>UserName</key><string>ada</string>"))
        #expect(
            blankless.contains(
                """
                <key>https</key><array><dict><key>SockNodeName</key><string>127.0.0.1</string>\
                <key>SockServiceName</key><string>443</string></dict><dict>
                """
            )
        )
        #expect(blankless.contains("<key>SuccessfulExit</key><false/>"))
    }

    @Test func `a list is read back as it was written`() throws {
        let job = SystemdUnitsTests.job(
            .system,
            program: "/Users/ada & <bob>/portless",
            arguments: ["proxy", "start", "--tld", "\"x\"", "&amp;"],
            environment: ["A": "<1>&2", "PORTLESS_STATE_DIR": "/x y"],
        )
        let list = LaunchdPropertyList(parsing: try LaunchdJob.text(of: job))
        #expect(list.command == [job.program.string] + job.arguments)
        #expect(list.environment == job.environment)
        #expect(list.hasSockets)
        let own = try LaunchdJob.text(of: SystemdUnitsTests.job(.user))
        #expect(!LaunchdPropertyList(parsing: own).hasSockets)
    }

    @Test(arguments: ["", "<", "<!--", "<key>", "</dict></dict>", "<dict><dict><string>x"])
    func `a broken list is an empty service`(text: String) {
        #expect(LaunchdPropertyList(parsing: text).command.isEmpty)
    }
}
