import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@Suite struct GitRepositoryTests {
    /// The prefix in a linked worktree whose HEAD says `head`.
    private func prefix(
        head: String,
        gitdir: String = "../repo/.git/worktrees/wt",
        branchOfGit: String? = nil,
    ) throws -> String? {
        try TemporaryDirectory.with { folder in
            try folder.write("repo/.git/worktrees/wt/HEAD", head + "\n")
            try folder.write("repo/.git/modules/sub/HEAD", head + "\n")
            try folder.write("tree/.git", "gitdir: \(gitdir)\n")
            try folder.write("tree/src/x", "")
            return GitRepository.worktreePrefix(
                in: folder.appending("tree/src"),
                askBranch: { _ in branchOfGit },
            )
        }
    }

    @Test(arguments: [
        ("ref: refs/heads/feature/Login_Page", "login-page"),
        ("ref: refs/heads/fix", "fix"),
        ("ref: refs/heads/feature/main", "main"),
    ])
    func `a linked worktree's branch is the prefix`(head: String, expected: String) throws {
        #expect(try prefix(head: head) == expected)
    }

    @Test(arguments: [
        "ref: refs/heads/main", "ref: refs/heads/master", "ref: refs/heads/feature/___",
        "0123456789012345678901234567890123456789",
    ])
    func `main branches and no branch give none`(head: String) throws {
        #expect(try prefix(head: head) == nil)
    }

    @Test func `the worktrees of a repository share its folder, and each has a branch`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("shop/.git/HEAD", "ref: refs/heads/main\n")
            try folder.write("shop/.git/worktrees/fix/HEAD", "ref: refs/heads/a/fix\n")
            try folder.write("shop-fix/.git", "gitdir: ../shop/.git/worktrees/fix\n")
            try folder.write("shop-fix/src/x", "")
            let main = try #require(GitRepository.checkout(of: folder.appending("shop")))
            #expect(main.repository == folder.appending("shop/.git"))
            #expect(main.name == "shop")
            #expect(main.branch == "main")
            #expect(main.worktree == nil)
            let fix = try #require(GitRepository.checkout(of: folder.appending("shop-fix/src")))
            #expect(fix.repository == main.repository)
            #expect(fix.branch == "a/fix")
            #expect(fix.worktree == "shop-fix")
        }
    }

    @Test func `all checkouts of a repository are found from each of them`() throws {
        try TemporaryDirectory.with { folder in
            let folder = try #require(FileSystem.canonical(folder))
            try folder.write("shop/.git/HEAD", "ref: refs/heads/main\n")
            for (name, head) in [
                ("fix", "ref: refs/heads/a/fix"), ("gone", "x"), ("old", "abc"),
            ] {
                let metadata = "shop/.git/worktrees/\(name)"
                try folder.write("\(metadata)/HEAD", head + "\n")
                try folder.write("\(metadata)/gitdir", "\(folder)/shop-\(name)/.git\n")
            }
            // As git writes it with worktree.useRelativePaths.
            try folder.write("shop/.git/worktrees/fix/gitdir", "../../../../shop-fix/.git\n")
            try folder.write("shop/.git/worktrees/damaged/HEAD", "x\n")
            for name in ["fix", "old"] {
                try folder.write("shop-\(name)/.git", "gitdir: ../shop/.git/worktrees/\(name)\n")
            }
            try folder.write("shop-fix/src/x", "")
            for place in ["shop", "shop-fix/src", "shop-old"] {
                let found = GitRepository.worktrees(around: folder.appending(place)) { _ in nil }
                #expect(
                    found.map(\.path.lastComponent?.string) == ["shop", "shop-fix", "shop-old"]
                )
                #expect(found.map(\.branch) == ["main", "a/fix", nil])
                #expect(found.map(\.isMain) == [true, false, false])
            }
            #expect(GitRepository.worktrees(around: folder) { _ in nil }.isEmpty)
        }
    }

    @Test func `the branch is what the files say, else what git says`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write("a/.git/HEAD", "ref: refs/heads/x/y\n")
            try folder.write("b/.git/HEAD", "ref: refs/heads/.invalid\n")
            try folder.write("c/.git/HEAD", "0123\n")
            func branch(_ name: String, git: String? = nil) -> String? {
                GitRepository.branch(in: folder.appending(name)) { _ in git }
            }
            #expect(branch("a", git: "other") == "x/y")
            #expect(branch("b", git: "topic") == "topic")
            #expect(branch("b", git: "HEAD") == nil)
            #expect(branch("c", git: "other") == nil)
        }
    }

    @Test(arguments: [
        ("main", "main"), ("Feature/Login_2", "feature-login-2"), ("--a//b..c-", "a-b-c"),
        ("fix/ünïcode", "fix-n-code"), ("___", nil), ("2025", "2025"),
    ])
    func `a branch's label suits databases and hosts`(branch: String, label: String?) {
        #expect(BranchLabel.made(of: branch) == label)
    }

    @Test func `long branches that begin alike have different labels`() throws {
        let long = String(repeating: "long-", count: 20)
        let labels = try ["a", "b"].map { try #require(BranchLabel.made(of: long + $0)) }
        #expect(Set(labels).count == 2)
        #expect(labels.allSatisfy { $0.count <= BranchLabel.maximumLength && !$0.contains("--") })
    }

    @Test func `a submodule is no worktree`() throws {
        #expect(try prefix(head: "ref: refs/heads/x", gitdir: "../repo/.git/modules/sub") == nil)
    }

    @Test func `git is asked where the files don't tell`() throws {
        let reftable = "ref: refs/heads/.invalid"
        #expect(try prefix(head: reftable, branchOfGit: "a/topic") == "topic")
        #expect(try prefix(head: reftable, branchOfGit: "HEAD") == nil)
    }

    @Test func `the main worktree has none, whatever its branch`() throws {
        try TemporaryDirectory.with { folder in
            try folder.write(".git/HEAD", "ref: refs/heads/topic\n")
            #expect(GitRepository.worktreePrefix(in: folder, askBranch: { _ in "topic" }) == nil)
        }
    }
}

@Suite struct GitRepositoryDeviceTests {
    @Test(arguments: ["/dev/zero", "/dev/random", "/"])
    func `a HEAD or .git that leads to a device is no worktree`(target: String) throws {
        try TemporaryDirectory.with { folder in
            try folder.appending(".git").link(to: target)
            #expect(GitRepository.worktreePrefix(in: folder) { _ in nil } == nil)
        }
        try TemporaryDirectory.with { folder in
            let metadata = folder.pushing("w/worktrees/x")
            for path in ["w", "w/worktrees", "w/worktrees/x"] {
                _ = try FileSystem.makeDirectory(
                    folder.pushing(FilePath(path)),
                    mode: .ownerReadWriteExecute,
                )
            }
            try AtomicFile.write("gitdir: w/worktrees/x\n".utf8, to: folder.appending(".git"))
            try metadata.appending("HEAD").link(to: target)
            #expect(GitRepository.worktreePrefix(in: folder) { _ in nil } == nil)
        }
    }
}
