import SystemPackage
import Testing

@testable import Machine

@Suite struct StableProgramTests {
    private func path(
        called: String,
        installed: FilePath,
        search: String = "/usr/local/bin:/usr/bin",
        same: Set<FilePath>,
    ) -> FilePath {
        StableProgram.path(
            called: called,
            installed: installed,
            folder: "/home/ada",
            searchPath: search,
            isSame: { same.contains($0) || $0 == installed },
        )
    }

    @Test func `the link that the user has called outlives the version`() {
        let cellar: FilePath = "/opt/homebrew/Cellar/portless/1.2.3/bin/portless"
        let link: FilePath = "/usr/local/bin/portless"
        #expect(path(called: "portless", installed: cellar, same: [link]) == link)
        #expect(path(called: link.string, installed: cellar, same: [link]) == link)
        // Called by the version's own path: the link is found all the same.
        #expect(path(called: cellar.string, installed: cellar, same: [link]) == link)
        let opt: FilePath = "/opt/homebrew/opt/portless/bin/portless"
        #expect(path(called: cellar.string, installed: cellar, same: [opt]) == opt)
        #expect(
            path(called: "./bin/p", installed: cellar, same: ["/home/ada/bin/p"])
                == "/home/ada/bin/p"
        )
    }

    @Test func `a link to another program, and none at all, leave the installed file`() {
        let installed: FilePath = "/opt/portless-1.2/bin/portless"
        #expect(path(called: "portless", installed: installed, same: []) == installed)
        #expect(path(called: "", installed: "/usr/bin/portless", same: []) == "/usr/bin/portless")
        #expect(
            path(called: "portless", installed: installed, search: "bin:", same: ["bin/portless"])
                == installed
        )
    }

    @Test(arguments: [
        ("/opt/homebrew/Cellar/portless/1.2.3/bin/portless", true),
        ("/home/ada/.nvm/versions/node/v20.1.0/bin/portless", true),
        ("/opt/portless-0.1.0/portless", true), ("/nix/store/abc-portless/bin/portless", true),
        ("/home/ada/.local/bin/portless", false), ("/usr/lib/python3.11/portless", false),
        ("/home/ada/2026/portless", false), ("/opt/x86-64/portless", false),
    ])
    func `a folder with a version's number is told apart`(path: String, isVersioned: Bool) {
        #expect(StableProgram.isVersioned(FilePath(path)) == isVersioned)
    }
}
