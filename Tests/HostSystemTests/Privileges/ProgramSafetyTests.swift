import SystemPackage
import Testing

@testable import HostSystem

@Suite struct ProgramSafetyTests {
    private let user: UInt32 = 1000

    private func isSafe(owner: UInt32, mode: CInterop.Mode, isDirectory: Bool = false) -> Bool {
        let entry = ProgramSafety.Entry(
            owner: owner,
            permissions: FilePermissions(rawValue: mode),
            isDirectory: isDirectory,
        )
        return ProgramSafety.isSafe(entry, for: user)
    }

    @Test func `what root or the user owns is safe, with their group as well`() {
        #expect(isSafe(owner: 0, mode: 0o755))
        #expect(isSafe(owner: user, mode: 0o755))
        #expect(isSafe(owner: user, mode: 0o775, isDirectory: true))
    }

    @Test func `what another user owns is not`() {
        #expect(!isSafe(owner: 1001, mode: 0o755))
        #expect(!isSafe(owner: 1001, mode: 0o755, isDirectory: true))
    }

    @Test func `what anybody can write is not, but for folders like tmp`() {
        #expect(!isSafe(owner: user, mode: 0o757))
        #expect(!isSafe(owner: user, mode: 0o777, isDirectory: true))
        #expect(isSafe(owner: 0, mode: 0o1777, isDirectory: true))
        #expect(!isSafe(owner: 0, mode: 0o1777))
    }

    @Test func `a program that isn't there is not safe`() {
        #expect(!ProgramSafety.isSafe("/no/such/program", for: user))
        #expect(ProgramSafety.isSafe("/bin/sh", for: user))
    }
}
