import HostSystem
import PortlessCore
import SystemPackage
import Testing

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
