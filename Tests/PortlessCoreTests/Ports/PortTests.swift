import PortlessCore
import Testing

@Suite struct PortRangeTests {
    @Test func `a system's range of numbers is one of ports, unless it begins with zero`() {
        let range = PortRange(32768...60999)
        #expect(range == PortRange(first: 32768, last: 60999))
        #expect(range?.contains(40000) == true)
        #expect(range?.contains(61000) == false)
        #expect(PortRange(0...5) == nil)
    }

    @Test func `the last port there is ends a range`() {
        #expect(PortRange(first: 65534, last: 65535)?.ports.count == 2)
    }
}
