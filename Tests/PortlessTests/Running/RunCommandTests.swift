import Testing

@testable import portless

@Suite struct RunCommandTests {
    @Test(arguments: [
        ("0", true), ("false", true), ("skip", true), ("1", false), ("", false), ("FALSE", false),
    ])
    func `PORTLESS says whether we stand aside`(value: String, isBypassed: Bool) {
        #expect(RunCommand.isBypassed(["PORTLESS": value]) == isBypassed)
        #expect(!RunCommand.isBypassed([:]))
    }
}
