import Testing

@testable import HostSystem

struct OutgoingPortsTests {
    @Test func `Linux's range is two numbers`() {
        #expect(OutgoingPorts.parse("32768\t60999\n") == 32768...60999)
    }

    @Test(arguments: ["", "1", "2 1", "a b", "1 2 3", "1 70000"])
    func `anything else is no range`(text: String) {
        #expect(OutgoingPorts.parse(text) == nil)
    }

    @Test func `this system has one`() {
        #expect(OutgoingPorts.range != nil)
    }
}
