import HostSystem
package import SystemPackage

/// Facts about a git repository, read from its files without running git.
package enum GitRepository {
    /// The nearest folder with a `.git` in it, the root of a work tree.
    package static func root(above folder: FilePath) -> FilePath? {
        folder.selfAndAncestors.first { directory in
            (try? FileStatus.of(directory.appending(".git"))) != nil
        }
    }

    /// The prefix of names in a linked worktree: the last part of its branch's name.
    ///
    /// Nil in the main worktree, and on `main`, `master` or no branch. `askBranch` asks git itself
    /// and is needed for repositories that don't keep their references in files (reftable).
    package static func worktreePrefix(
        in folder: FilePath,
        askBranch: (FilePath) -> String?,
    ) -> String? {
        guard let root = root(above: folder), let metadata = linkedWorktreeMetadata(root) else {
            return nil
        }
        let branch: String?
        switch head(metadata) {
        case .branch(let name): branch = name
        case .detached: branch = nil
        case .unknown: branch = askBranch(root)
        }
        guard let branch, !["", "HEAD", "main", "master"].contains(branch) else { return nil }
        let prefix = DNSLabel.sanitized(branch.split(separator: "/").last ?? "")
        return prefix.isEmpty ? nil : prefix
    }

    /// A folder's place in its repository.
    package struct Checkout: Hashable, Sendable {
        /// The folder that all worktrees of the repository share, such as `/src/shop/.git`.
        package var repository: FilePath
        package var branch: String?
        /// The folder's name of a linked worktree; nil in the main one.
        package var worktree: String?

        /// Such as `shop`, for `/src/shop/.git` and `/src/shop.git`.
        package var name: String {
            let name = repository.lastComponent?.string ?? ""
            guard name != ".git" else {
                return repository.removingLastComponent().lastComponent?.string ?? name
            }
            return name.hasSuffix(".git") ? String(name.dropLast(4)) : name
        }
    }

    /// Nil outside of repositories; a branch that only git itself can tell is left out.
    package static func checkout(of folder: FilePath) -> Checkout? {
        guard let root = root(above: folder) else { return nil }
        let own = submoduleMetadata(root) ?? root.appending(".git")
        let linked = linkedWorktreeMetadata(root)
        let branch: String? =
            if case .branch(let name) = head(linked ?? own) { name } else { nil }
        return Checkout(
            // `…/.git/worktrees/NAME` lies in the folder that all share.
            repository: linked?.removingLastComponent().removingLastComponent() ?? own,
            branch: branch,
            worktree: linked == nil ? nil : root.lastComponent?.string,
        )
    }

    /// Whether only git itself can tell what is checked out.
    static func isUnknown(_ root: FilePath) -> Bool {
        let metadata =
            linkedWorktreeMetadata(root) ?? submoduleMetadata(root) ?? root.appending(".git")
        if case .unknown = head(metadata) { return true }
        return false
    }

    private enum Head {
        case branch(String)
        case detached
        case unknown
    }

    /// `.git` is a file in linked worktrees, which names a directory `…/worktrees/NAME`, and in
    /// submodules, where it doesn't.
    private static func linkedWorktreeMetadata(_ root: FilePath) -> FilePath? {
        metadata(namedIn: root).flatMap { isLinked($0) ? $0 : nil }
    }

    private static func submoduleMetadata(_ root: FilePath) -> FilePath? {
        metadata(namedIn: root).flatMap { isLinked($0) ? nil : $0 }
    }

    private static func metadata(namedIn root: FilePath) -> FilePath? {
        let file = root.appending(".git")
        guard let text = firstLine(of: file), text.hasPrefix("gitdir:") else { return nil }
        let target = FilePath(text.dropFirst("gitdir:".count).trimmingBlanks)
        return root.pushing(target).lexicallyNormalized()
    }

    private static func isLinked(_ metadata: FilePath) -> Bool {
        metadata.removingLastComponent().lastComponent == "worktrees"
    }

    private static func head(_ metadata: FilePath) -> Head {
        guard let text = firstLine(of: metadata.appending("HEAD")) else { return .unknown }
        let marker = "ref: refs/heads/"
        guard text.hasPrefix(marker) else {
            return text.hasPrefix("ref:") ? .unknown : .detached
        }
        let name = text.dropFirst(marker.count).trimmingBlanks
        // Repositories with reftables have this for programs that don't know reftables.
        return name == ".invalid" ? .unknown : .branch(name)
    }

    static func firstLine(of file: FilePath) -> String? {
        guard let bytes = try? AtomicFile.read(file, limit: FileLimit.line) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }
}

extension FilePath {
    /// The folder, the one above it and so on up to the root.
    package var selfAndAncestors: [FilePath] {
        var result: [FilePath] = []
        var path = self
        while !path.isEmpty {
            result.append(path)
            guard path.lastComponent != nil else { break }
            path.removeLastComponent()
        }
        return result
    }
}
