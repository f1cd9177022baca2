import NIOCore
import Testing

@testable import portless

@Suite struct BootWaitTests {
    @Test func `is half a minute unless told otherwise`() throws {
        #expect(try BootWait.limit([:]) == .seconds(30))
        #expect(try BootWait.limit(["PORTLESS_BOOT_WAIT": ""]) == .seconds(30))
        #expect(try BootWait.limit(["PORTLESS_BOOT_WAIT": "5"]) == .seconds(5))
    }

    @Test(arguments: ["x", "-1", "1.5", "3601", " 5"])
    func `refuses what is no number of seconds`(text: String) {
        #expect(throws: Failure.self) { try BootWait.limit(["PORTLESS_BOOT_WAIT": text]) }
    }
}
