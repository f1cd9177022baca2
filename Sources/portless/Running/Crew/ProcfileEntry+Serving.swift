import PortlessCore
import Projects
import Runner
import SystemPackage

extension ProcfileEntry {
    /// Whether the program is to be reached by a name.
    func serves(in folder: FilePath) -> Bool {
        if name == "web" || mentionsPort { return true }
        guard !isNamedLikeHelper else { return false }
        let manifest = PackageManifest(in: folder)
        return ServerCommand.serves(command) { manifest?.script($0) }
    }
}
