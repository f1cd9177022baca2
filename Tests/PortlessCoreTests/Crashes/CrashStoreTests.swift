import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct CrashStoreTests {
    private static let now = Timestamp(seconds: 1_800_010_000)

    private static func record(
        _ number: Int,
        process: String = "api",
        patch: CrashPatch? = nil,
    ) throws -> CrashRecord {
        var record = CrashRecord(
            id: "\(number)-aaaa",
            time: now,
            app: try AppName(parsing: "shop"),
            process: process,
            directory: "/src/shop",
        )
        record.patch = patch
        return record
    }

    private static func patch(_ state: CrashPatch.State, minutes: Int64) -> CrashPatch {
        CrashPatch(state, "It failed.", at: now.advanced(by: .seconds(-60 * minutes)))
    }

    @Test func `a process that crashes again and again displaces no other's crash`() throws {
        try TemporaryDirectory.with { path in
            let store = CrashStore(directory: StateDirectory(path: path))
            try store.add(Self.record(1000, process: "ui"), now: Self.now)
            for number in 1001...1030 { try store.add(Self.record(number), now: Self.now) }
            let numbers = [1000] + Array(1011...1030)
            #expect(store.ids() == numbers.reversed().map { "\($0)-aaaa" })
        }
    }

    @Test func `what autofix works on, or has worked on lately, stays`() throws {
        try TemporaryDirectory.with { path in
            let store = CrashStore(directory: StateDirectory(path: path))
            let patches = [
                Self.patch(.working, minutes: 60), Self.patch(.failed, minutes: 29),
                Self.patch(.failed, minutes: 31),
            ]
            for (number, patch) in zip(1000..., patches) {
                try store.add(Self.record(number, patch: patch), now: Self.now)
            }
            for number in 1003...1030 { try store.add(Self.record(number), now: Self.now) }
            let numbers = [1000, 1001] + Array(1011...1030)
            #expect(store.ids() == numbers.reversed().map { "\($0)-aaaa" })
        }
    }

    @Test func `the history is bounded, but not what autofix reads`() throws {
        try TemporaryDirectory.with { path in
            let store = CrashStore(directory: StateDirectory(path: path))
            let patch = Self.patch(.failed, minutes: 1)
            try store.add(Self.record(1000, patch: patch), now: Self.now)
            for number in 1001...1110 {
                try store.add(Self.record(number, process: "p\(number % 10)"), now: Self.now)
            }
            #expect(store.records().count == CrashStore.most + 1)
            #expect(store.records().last?.patch == patch)
        }
    }

    @Test func `one server at a time works on the crashes`() throws {
        try TemporaryDirectory.with { path in
            let store = CrashStore(directory: StateDirectory(path: path))
            let lock = try store.takeLock()
            let isTakenTwice = try store.takeLock() != nil
            #expect(!isTakenTwice)
            #expect(store.ids().isEmpty)
            extendLifetime(lock)
        }
    }
}
