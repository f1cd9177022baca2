import CLibrary
import Testing

@testable import HostSystem

struct ProcessTreeTests {
    /// npm (10) → sh (11) → portless (12) → node (20, its own group) → worker (21).
    private let records = [
        Self.record(1, parent: 0, group: 1),
        Self.record(10, parent: 1, group: 10),
        Self.record(11, parent: 10, group: 10),
        Self.record(12, parent: 11, group: 10),
        Self.record(20, parent: 12, group: 20),
        Self.record(21, parent: 20, group: 20),
        Self.record(22, parent: 20, group: 22),
    ]

    @Test func `descendants come after their parents`() {
        let tree = ProcessTree(records)
        #expect(tree.descendants(of: 12).map(\.pid) == [20, 21, 22])
        #expect(tree.descendants(of: 21).isEmpty)
    }

    @Test func `ancestors come nearest first`() {
        #expect(ProcessTree(records).ancestors(of: 12) == [11, 10, 1])
    }

    @Test func `members of a group`() {
        #expect(ProcessTree(records).members(ofGroup: 20).map(\.pid).sorted() == [20, 21])
    }

    @Test func `a zombie is no member of a tree, but its children are still found`() {
        var records = records
        records[4].isZombie = true
        let tree = ProcessTree(records)
        #expect(tree.members(ofGroup: 20).map(\.pid) == [21])
        #expect(tree.descendants(of: 12).map(\.pid) == [21, 22])
    }

    @Test func `ancestors that wait for us leave us alone`() {
        #expect(ProcessTree(records).isAlone(12))
    }

    @Test func `the pager of a pipeline does not`() {
        let less = Self.record(13, parent: 1, group: 10)
        #expect(!ProcessTree(records + [less]).isAlone(12))
    }

    @Test func `a loop of parents ends`() {
        let tree = ProcessTree([
            Self.record(5, parent: 6, group: 5),
            Self.record(6, parent: 5, group: 5),
        ])
        #expect(tree.ancestors(of: 5) == [6, 5])
        #expect(tree.descendants(of: 5).map(\.pid) == [6])
    }

    @Test func `this process is found with its parent`() {
        let tree = ProcessTree.current()
        #expect(tree.ancestors(of: getpid()).first == getppid())
        #expect(tree.identity(of: getpid()) == ProcessIdentity.current)
    }

    private static func record(_ pid: Int32, parent: Int32, group: Int32) -> ProcessRecord {
        ProcessRecord(
            pid: pid,
            parent: parent,
            group: group,
            startTime: UInt64(pid),
            isZombie: false,
        )
    }
}
