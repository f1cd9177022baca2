import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

@Suite struct ScriptRunnerTests {
    @Test(arguments: [
        ("pnpm-lock.yaml", ScriptRunner.pnpm), ("yarn.lock", .yarn), ("bun.lockb", .bun),
        ("bun.lock", .bun), ("package-lock.json", .npm),
    ])
    func `a lock file tells the package manager`(file: String, runner: ScriptRunner) throws {
        try TemporaryDirectory.with { folder in
            try folder.write(file, "")
            try folder.write("apps/web/package.json", "{}")
            #expect(ScriptRunner.detect(in: folder.appending("apps").appending("web")) == runner)
        }
    }

    @Test func `what package-json declares beats a lock file, and the nearest folder the others`()
        throws
    {
        try TemporaryDirectory.with { folder in
            try folder.write("yarn.lock", "")
            #expect(ScriptRunner.detect(in: folder) == .yarn)
            try folder.write("package.json", "{\"packageManager\": \"pnpm@9.1.0\"}")
            #expect(ScriptRunner.detect(in: folder) == .pnpm)
            try folder.write("inner/bun.lock", "")
            #expect(ScriptRunner.detect(in: folder.appending("inner")) == .bun)
        }
    }

    @Test func `npm needs two hyphens in front of what is passed on`() {
        #expect(ScriptRunner.npm.command(script: "dev") == ["npm", "run", "dev"])
        #expect(
            ScriptRunner.npm.command(script: "dev", extra: ["-x"])
                == ["npm", "run", "dev", "--", "-x"]
        )
        #expect(
            ScriptRunner.yarn.command(script: "dev", extra: ["-x"])
                == ["yarn", "run", "dev", "-x"]
        )
    }
}
