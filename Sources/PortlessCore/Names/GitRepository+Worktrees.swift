import HostSystem
package import SystemPackage

extension GitRepository {
    /// One checkout of a repository.
    package struct Worktree: Hashable, Sendable {
        package var path: FilePath
        /// Nil where no branch is checked out.
        package var branch: String?
        /// Whether it is the one that the repository itself lies in.
        package var isMain: Bool
    }

    /// More than anyone has, so that a damaged repository can't keep a command busy.
    private static let maximumWorktrees = 500

    /// All checkouts of the repository that a folder belongs to, the main one first; none outside of
    /// one.
    ///
    /// Those whose folder is gone are left out, though git remembers them until `git worktree prune`.
    package static func worktrees(
        around folder: FilePath,
        askBranch: (FilePath) -> String?,
    ) -> [Worktree] {
        guard let checkout = checkout(of: folder), let root = root(above: folder) else { return [] }
        let linked = checkout.repository.appending("worktrees")
        var paths = DirectoryListing.names(linked, limit: maximumWorktrees).sorted()
            .compactMap { path(of: linked.appending($0)) }
        if checkout.repository.lastComponent == ".git" {
            paths.insert(checkout.repository.removingLastComponent(), at: 0)
        } else if !paths.contains(root) {
            // A submodule; a bare repository has no main checkout.
            paths.insert(root, at: 0)
        }
        return paths.filter { (try? FileStatus.of($0.appending(".git"))) != nil }.map { path in
            Worktree(
                path: path,
                branch: branch(in: path, askBranch: askBranch),
                isMain: Self.checkout(of: path)?.worktree == nil,
            )
        }
    }

    /// The branch that is checked out; nil outside of repositories, and for a commit without one.
    package static func branch(in folder: FilePath, askBranch: (FilePath) -> String?) -> String? {
        guard let root = root(above: folder) else { return nil }
        if let branch = checkout(of: root)?.branch { return branch }
        guard isUnknown(root) else { return nil }
        return askBranch(root).flatMap { ["", "HEAD"].contains($0) ? nil : $0 }
    }

    /// The worktree whose metadata lie in a folder `…/worktrees/NAME`.
    private static func path(of metadata: FilePath) -> FilePath? {
        guard let text = firstLine(of: metadata.appending("gitdir")) else { return nil }
        let file = metadata.pushing(FilePath(text.trimmingBlanks)).lexicallyNormalized()
        guard file.lastComponent == ".git" else { return nil }
        return FileSystem.canonical(file.removingLastComponent())
    }
}

/// A branch's name for the names of databases, hosts and folders.
package enum BranchLabel {
    /// Leaves room for the rest of a name of 63 bytes, the most for DNS' labels and PostgreSQL.
    package static let maximumLength = 40

    /// Lower-case letters, digits and single hyphens: `Feature/Login_2` is `feature-login-2`.
    ///
    /// A long one is its beginning and a hash of the whole; nil if nothing is left.
    package static func made(of branch: String) -> String? {
        DNSLabel.truncated(DNSLabel.sanitizedWhole(branch), to: maximumLength).nilIfEmpty
    }
}
