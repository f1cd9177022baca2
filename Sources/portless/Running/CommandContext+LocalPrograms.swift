import HostSystem
import Runner
import SystemPackage

extension CommandContext {
    /// The environment with the programs of the packages in and above a folder first in the search
    /// path.
    func environmentWithLocalPrograms(in directory: FilePath) -> [String: String] {
        var environment = environment
        environment["PATH"] = SearchPath.withLocalPrograms(
            from: directory,
            path: environment["PATH"],
            isDirectory: { (try? FileStatus.of($0))?.isDirectory == true },
        )
        return environment
    }
}
