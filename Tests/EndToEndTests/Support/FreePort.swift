import Foundation
import Synchronization

/// Ports below the system's ephemeral range that nothing listens on, each given out once.
enum FreePort {
    private static let given = Mutex<Set<Int>>([])
    /// Apart, so that ports given out singly leave long rows of free ones.
    private static let singles = 10_000..<14_000
    private static let blocks = 14_000..<20_000

    static func next() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: singles)
            guard isFree(port) else { continue }
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw NeverHappened(description: "no free port")
    }

    /// So many ports in a row, for what leases blocks.
    static func block(_ count: Int) throws -> ClosedRange<Int> {
        for _ in 0..<1000 {
            let first = Int.random(in: blocks.dropLast(count - 1))
            let block = first...first + count - 1
            guard block.allSatisfy(isFree) else { continue }
            let isNew = given.withLock { given in
                guard given.isDisjoint(with: block) else { return false }
                given.formUnion(block)
                return true
            }
            if isNew { return block }
        }
        throw NeverHappened(description: "no \(count) free ports in a row")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
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
