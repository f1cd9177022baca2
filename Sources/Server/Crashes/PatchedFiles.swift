import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// The files of a repository that a patch changes, and what of it is in them.
///
/// `git apply` changes all files or none, but not at once: first it removes the old ones, then it
/// writes the new ones. If it is killed, some are missing or new, and others as before.
struct PatchedFiles {
    enum Standing: Hashable {
        case present
        case absent
        /// A part was in the files and was taken back, but for the files named here.
        case partial([String])
        /// git can't be asked.
        case unknown(String)
    }

    let git: Git
    let root: FilePath
    let patch: FilePath
    let names: [String]

    static func pathspec(_ name: String) -> String { ":(top,literal)\(name)" }

    private static let apply = ["apply", "--whitespace=nowarn"]

    func apply(holding lock: HeldLock?) async throws(GitFailure) {
        try await git.performUninterrupted(Self.apply + [patch.string], holding: lock)
    }

    func takeBack(holding lock: HeldLock?) async throws(GitFailure) {
        try await git.performUninterrupted(
            Self.apply + ["--reverse", patch.string],
            holding: lock,
        )
    }

    /// Why the patch doesn't fit; nil if it does.
    func complaint() async -> String? {
        switch await git.run(Self.apply + ["--check", patch.string]) {
        case .success(let result):
            return result.isSuccess ? nil : result.complaint.visibleLine
        case .failure(let error): return "\(error)"
        }
    }

    /// What of the patch is in the files, after a part of it was taken back.
    func standing() async -> Standing {
        // The reverse first: a patch that only appends may fit a second time.
        switch await git.run(Self.apply + ["--reverse", "--check", patch.string]) {
        case .success(let result) where result.isSuccess: return .present
        case .success: break
        case .failure(let error): return .unknown("\(error)")
        }
        if await complaint() == nil { return .absent }
        var torn: [String] = []
        for name in names where await !takeBack(name) { torn.append(name) }
        return .partial(torn)
    }

    /// Takes the patch out of one file; false where that has neither the old nor the new content.
    private func takeBack(_ name: String) async -> Bool {
        let only = Self.apply + ["--include=\(Self.pattern(name))"]
        if await isDone(only + ["--reverse", patch.string]) { return true }
        if await isDone(only + ["--check", patch.string]) { return true }
        // What isn't there has no changes of the user's.
        guard (try? FileStatus.of(root.appending(name), followingLinks: false)) == .some(nil)
        else { return false }
        return await isDone(["checkout-index", "--", name])
    }

    private func isDone(_ arguments: [String]) async -> Bool {
        guard case .success(let result) = await git.run(arguments) else { return false }
        return result.isSuccess
    }

    /// The name where git expects a pattern.
    private static func pattern(_ name: String) -> String {
        name.reduce(into: "") { result, character in
            if "*?[\\".contains(character) { result += "\\" }
            result.append(character)
        }
    }
}
