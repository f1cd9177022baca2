import HostSystem
package import SystemPackage

/// The test tool, which is built beside the tests.
package enum TestToolPath {
    package static var path: FilePath {
        // The tests are the program itself on Linux; on macOS a runner of the toolchain loads them,
        // which has their absolute path among its arguments.
        let program = OwnExecutable.installedPath ?? ""
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") }
        var directory = program.string.contains(".xctest") ? program : FilePath(bundle ?? "")
        while let name = directory.lastComponent, !name.string.hasSuffix(".xctest") {
            directory.removeLastComponent()
        }
        return directory.removingLastComponent().appending("TestTool")
    }
}
