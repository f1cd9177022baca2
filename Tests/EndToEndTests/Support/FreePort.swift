import Foundation
import Synchronization

/// Ports below the system's ephemeral range that nothing listens on, each given out once.
enum FreePort {
    private static let given = Mutex<Set<Int>>([])
    /// Apart, so that ports given out singly leave long rows of free ones.
    private static let singles = 10_000..<14_000
    private static let blocks = 14_000..<20_000
    /// Anywhere at first: another run of the tests may be at it, too.
    private static let nextBlock = Mutex(Int.random(in: blocks))

    static func next() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: singles)
            guard isFree(port) else { continue }
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw NeverHappened(description: "no free port")
    }

    /// So many ports in a row, for what leases blocks.
    ///
    /// Blocks lie one after the other, so that those of other tests don't break up the range.
    static func block(_ count: Int) throws -> ClosedRange<Int> {
        for _ in 0..<blocks.count {
            let first = nextBlock.withLock { next in
                if next + count > blocks.upperBound { next = blocks.lowerBound }
                next += 1
                return next - 1
            }
            let block = first...first + count - 1
            guard block.allSatisfy(isFree) else { continue }
            let isNew = given.withLock { given in
                guard given.isDisjoint(with: block) else { return false }
                given.formUnion(block)
                return true
            }
            if isNew {
                nextBlock.withLock { $0 = max($0, block.upperBound + 1) }
                return block
            }
        }
        throw NeverHappened(description: "no \(count) free ports in a row")
    }

    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // A connection that has ended doesn't keep a port from listeners.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = in_port_t(port).bigEndian
        address.sin6_addr = in6addr_any
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }
}
