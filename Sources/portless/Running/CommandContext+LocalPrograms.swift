import HostSystem
import Runner

extension CommandContext {
    /// The environment with the programs of the project's packages first in the search path.
    var environmentWithLocalPrograms: [String: String] {
        var environment = environment
        environment["PATH"] = SearchPath.withLocalPrograms(
            from: workingDirectory,
            path: environment["PATH"],
            isDirectory: { (try? FileStatus.of($0))?.isDirectory == true },
        )
        return environment
    }
}
