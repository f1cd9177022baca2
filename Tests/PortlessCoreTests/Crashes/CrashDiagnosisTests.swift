import HostSystem
import SystemPackage
import Testing

@testable import PortlessCore

/// What programs really print when they die, and what is made of it.
@Suite struct CrashDiagnosisTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let output: String
        var code: Int32 = 1
        let kind: CrashDiagnosis.Kind
        let says: String
        var isCertain = true

        var testDescription: String { name }
    }

    static let cases = connections + needs + programs

    static func record(_ output: String, _ cause: ProcessExit.Cause?) throws -> CrashRecord {
        var record = CrashRecord(
            id: "1-aaaa",
            time: Timestamp(seconds: 1),
            app: try AppName(parsing: "shop"),
            process: "api",
            directory: "/src",
        )
        record.cause = cause
        record.command = ["node", "server.js"]
        record.environment = ["HOME", "PATH"]
        record.ports = [.init(label: nil, port: 3000, holder: "node (4711)")]
        record.errors = output.split(separator: "\n", omittingEmptySubsequences: false).map {
            .init(time: Timestamp(seconds: 1), text: String($0))
        }
        return record
    }

    @Test(arguments: cases)
    func `a program's last words tell the cause`(of one: Case) throws {
        var record = try Self.record(one.output, .code(one.code))
        // Its holder is the only one that is known, so no port would be meant by it.
        if one.says.hasPrefix("A port") { record.ports = [] }
        let found = record.diagnosis
        #expect(found.kind == one.kind)
        #expect(found.sentence == one.says)
        #expect(found.isCertain == one.isCertain)
    }

    @Test func `the only port with a holder is the one that a program without words means`() throws
    {
        let record = try Self.record("java.net.BindException: Address already in use", .code(1))
        #expect(record.diagnosis.sentence == "Port 3000 is taken by node (4711).")
        #expect(record.diagnosis.command == "portless ports kill 3000")
    }

    @Test func `a process that was killed has no certain cause`() throws {
        let killed = try Self.record("listening", .signal(9)).diagnosis
        #expect(killed.kind == .killed)
        #expect(!killed.isCertain)
        let segment = try Self.record("", .signal(11)).diagnosis
        #expect(segment.sentence.hasPrefix("SIGSEGV ended it, an invalid access"))
    }

    @Test func `a program that isn't there is named`() throws {
        var record = try Self.record("", nil)
        record.problem = "The program \"deno\" isn't installed (not in PATH)."
        #expect(record.diagnosis.kind == .commandMissing)
        #expect(record.diagnosis.sentence == "The program deno isn't installed, or isn't in PATH.")
    }

    @Test func `colours don't hide the words, and hostile bytes don't reach a terminal`() throws {
        let coloured = "\u{1B}[31mError\u{1B}[0m: Cannot find \u{1B}[1mmodule 'exp\u{7}ress'"
        let found = try Self.record(coloured, .code(1)).diagnosis
        #expect(found.kind == .moduleMissing)
        #expect(!found.json.compact.unicodeScalars.contains("\u{7}"))
        #expect(!found.sentence.unicodeScalars.contains("\u{7}"))
    }

    @Test func `a hundred long lines of anything are read in an instant`() throws {
        let line = String(repeating: "port :::: 'x\" (a:1) \u{1B}[", count: 400)
        let text = Array(repeating: line, count: 150).joined(separator: "\n")
        #expect(try Self.record(text, .code(1)).diagnosis.kind == .unknown)
    }
}
