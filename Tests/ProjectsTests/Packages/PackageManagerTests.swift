import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct PackageManagerTests {
    @Test(arguments: [
        ("pnpm-lock.yaml", PackageManager.pnpm), ("yarn.lock", .yarn), ("bun.lockb", .bun),
        ("bun.lock", .bun), ("package-lock.json", .npm),
    ])
    func `a lock file tells the package manager`(file: String, runner: PackageManager) throws {
        try TemporaryDirectory.with { folder in
            try folder.write(file, "")
            try folder.write("apps/web/package.json", "{}")
            #expect(PackageManager.detect(in: folder.appending("apps").appending("web")) == runner)
        }
    }

    @Test func `what package-json declares beats a lock file, and the nearest folder the others`()
        throws
    {
        try TemporaryDirectory.with { folder in
            try folder.write("yarn.lock", "")
            #expect(PackageManager.detect(in: folder) == .yarn)
            try folder.write("package.json", "{\"packageManager\": \"pnpm@9.1.0\"}")
            #expect(PackageManager.detect(in: folder) == .pnpm)
            try folder.write("inner/bun.lock", "")
            #expect(PackageManager.detect(in: folder.appending("inner")) == .bun)
        }
    }

    @Test func `npm needs two hyphens in front of what is passed on`() {
        #expect(PackageManager.npm.command(script: "dev") == ["npm", "run", "dev"])
        #expect(
            PackageManager.npm.command(script: "dev", extra: ["-x"])
                == ["npm", "run", "dev", "--", "-x"]
        )
        #expect(
            PackageManager.yarn.command(script: "dev", extra: ["-x"])
                == ["yarn", "run", "dev", "-x"]
        )
    }
}
