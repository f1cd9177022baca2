import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@Suite struct StateDirectoryCreatingTests {
    private let me = UserAccount.effectiveID

    private func permissions(_ path: FilePath) throws -> CInterop.Mode? {
        try FileStatus.of(path)?.permissions.rawValue
    }

    @Test func `it is made with all directories above it`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder.appending("a").appending("b"))
            try directory.create(userID: me)
            try directory.create(userID: me)
            #expect(try permissions(directory.path) == 0o711)
        }
    }

    @Test(arguments: [(0o755, 0o711), (0o700, 0o700), (0o777, 0o711), (0o500, 0o700)])
    func `an existing one is never made wider`(before: Int, after: Int) throws {
        try TemporaryDirectory.with { folder in
            let mode = FilePermissions(rawValue: CInterop.Mode(before))
            try FileSystem.setPermissions(mode, of: folder)
            try StateDirectory(path: folder).create(userID: me)
            #expect(try permissions(folder) == CInterop.Mode(after))
        }
    }

    @Test func `that of another user is refused`() throws {
        try TemporaryDirectory.with { folder in
            let error = #expect(throws: StateDirectoryError.self) {
                try StateDirectory(path: folder).create(userID: me + 1)
            }
            #expect(error == .foreignOwner(folder, uid: me))
        }
    }

    @Test func `that of the user behind sudo is not`() throws {
        try TemporaryDirectory.with { folder in
            let owner = FileOwner(uid: me, gid: 0)
            try StateDirectory(path: folder, owner: owner).create(userID: me + 1)
        }
    }

    @Test func `under sudo that of root is refused, and not given to the user`() throws {
        try TemporaryDirectory.with { folder in
            let owner = FileOwner(uid: me + 1, gid: 1)
            let error = #expect(throws: StateDirectoryError.self) {
                try StateDirectory(path: folder, owner: owner).create(userID: me)
            }
            #expect(error == .foreignOwner(folder, uid: me))
            let status = try FileStatus.of(folder)
            #expect(status?.owner.uid == me)
            #expect(
                StateDirectoryError.foreignOwner("/s", uid: 0).description.contains("sudo chown -R")
            )
        }
    }

    @Test func `a file in its place is an error`() throws {
        try TemporaryDirectory.with { folder in
            let file = folder.appending("file")
            try AtomicFile.write("x".utf8, to: file)
            #expect(throws: StateDirectoryError.notADirectory(file)) {
                try StateDirectory(path: file).create(userID: me)
            }
        }
    }

    @Test func `secrets are readable by their owner only`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write("key", to: directory[.caKey], isSecret: true)
            try directory.write("cert", to: directory[.caCertificate])
            #expect(try permissions(directory[.caKey]) == 0o600)
            #expect(try permissions(directory[.caCertificate]) == 0o644)
            #expect(try directory.text(of: .caKey) == "key")
            #expect(try directory.text(of: .proxyLog) == nil)
        }
    }

    @Test(.enabled(if: UserAccount.effectiveID == 0))
    func `what root makes belongs to the user behind sudo`() throws {
        try TemporaryDirectory.with { folder in
            let owner = FileOwner(uid: 54_321, gid: 54_322)
            let directory = StateDirectory(
                path: folder.appending("a").appending("b"),
                owner: owner,
            )
            try directory.create(userID: 0)
            try directory.write("1", to: directory[.proxyTLS])
            for path in [folder.appending("a"), directory.path, directory[.proxyTLS]] {
                #expect(try FileStatus.of(path)?.owner == owner)
            }
        }
    }
}

@Suite struct StateDirectoryResolvingTests {
    private func resolve(
        _ environment: [String: String],
        userID: UInt32 = 1000,
        homes: [String: FilePath] = [:],
    ) throws -> StateDirectory {
        try StateDirectory.resolve(
            environment: environment,
            userID: userID,
            workingDirectory: "/work",
            homeOfUser: { homes[$0 ?? "me"] },
        )
    }

    @Test func `it lies in the home directory`() throws {
        #expect(try resolve(["HOME": "/home/a"]).path == "/home/a/.portless")
        #expect(try resolve([:], homes: ["me": "/home/b"]).path == "/home/b/.portless")
    }

    @Test func `the environment moves it, relative to the working directory`() throws {
        let environment = ["HOME": "/home/a", "PORTLESS_STATE_DIR": "x/../state"]
        #expect(try resolve(environment).path == "/work/state")
        #expect(try resolve(["PORTLESS_STATE_DIR": "/s"]).path == "/s")
        #expect(try resolve(["HOME": "/h", "PORTLESS_STATE_DIR": ""]).path == "/h/.portless")
    }

    @Test(arguments: ["/root", "/var/root", ""])
    func `with sudo it is the invoking user's`(home: String) throws {
        let environment = [
            "HOME": home, "SUDO_USER": "ann", "SUDO_UID": "1001", "SUDO_GID": "100",
        ]
        let directory = try resolve(environment, userID: 0, homes: ["ann": "/home/ann"])
        #expect(directory.path == "/home/ann/.portless")
        #expect(directory.owner == FileOwner(uid: 1001, gid: 100))
    }

    @Test func `a home that sudo kept counts`() throws {
        let environment = ["HOME": "/data/ann", "SUDO_USER": "ann", "SUDO_UID": "1001"]
        let directory = try resolve(environment, userID: 0)
        #expect(directory.path == "/data/ann/.portless")
        #expect(directory.owner == FileOwner(uid: 1001, gid: 1001))
    }

    @Test func `files are handed over by root only`() throws {
        #expect(try resolve(["HOME": "/h", "SUDO_UID": "1001"]).owner == nil)
        #expect(try resolve(["HOME": "/root", "SUDO_USER": "root"], userID: 0).owner == nil)
    }

    @Test func `an unknown home is an error that names the remedy`() {
        let error = #expect(throws: StateDirectoryError.self) {
            try resolve(["HOME": "/root", "SUDO_USER": "ann"], userID: 0)
        }
        #expect(error?.description.contains("PORTLESS_STATE_DIR") == true)
    }
}
