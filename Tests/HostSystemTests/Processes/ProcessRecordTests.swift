import Testing

@testable import HostSystem

struct ProcessRecordTests {
    private let rest = "S 41 40 39 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3"

    @Test(arguments: ["sh", "a b", "evil) R 1 1 1", "((", "))", "two\nlines", ""])
    func `a command's name cannot lead the reader astray`(name: String) {
        let record = ProcessRecord(linuxStat: Array("42 (\(name)) \(rest)\n".utf8))
        #expect(
            record
                == ProcessRecord(
                    pid: 42,
                    parent: 41,
                    group: 40,
                    startTime: 987_654,
                    isZombie: false,
                )
        )
    }

    @Test func `a zombie is recognised`() {
        let line = "42 (x) Z" + rest.dropFirst()
        #expect(ProcessRecord(linuxStat: Array(line.utf8))?.isZombie == true)
    }

    @Test(arguments: ["", "42", "42 (x)", "42 (x) S 1 2 3", "x (y) S 1", ")("])
    func `half a line is no process`(line: String) {
        #expect(ProcessRecord(linuxStat: Array(line.utf8)) == nil)
    }
}
