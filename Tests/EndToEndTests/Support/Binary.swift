import Foundation

/// The built program.
enum Binary {
    static let path: String = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["PORTLESS_TEST_BINARY"] { return path }
        // The test bundle lies beside it.
        let runner = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return runner.appending(path: "portless").path()
    }()

    /// Rather than the installed program, which the tests are for.
    static let isDebugBuild = path.contains("/debug/")
}
