import PortlessCore
import Testing

@Suite struct PortRangeTests {
    @Test func `Linux's range is two numbers`() {
        let range = PortRange(parsing: "32768\t60999\n")
        #expect(range == PortRange(first: 32768, last: 60999))
        #expect(range?.contains(40000) == true)
        #expect(range?.contains(61000) == false)
    }

    @Test(arguments: ["", "1", "2 1", "0 5", "a b", "1 2 3"])
    func `anything else is no range`(text: String) {
        #expect(PortRange(parsing: text) == nil)
    }

    @Test func `the last port there is ends a range`() {
        #expect(PortRange(first: 65534, last: 65535)?.ports.count == 2)
    }
}
