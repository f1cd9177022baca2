import HostSystem
import Testing

@Suite struct SystemThreadTests {
    private static func depth(_ left: Int) -> Int {
        left == 0 ? 0 : 1 + depth(left - 1)
    }

    @Test func `work is done on a stack of the size that it needs`() {
        // In a debug build a level takes at least 64 bytes, all of them far more than 8 MiB.
        let count = 400_000
        #expect(SystemThread.perform(stackSize: 256 << 20) { Self.depth(count) } == count)
    }

    @Test func `a stack that the system can't give is no result`() {
        #expect(SystemThread.perform(stackSize: 1) { 1 } == nil)
    }
}
