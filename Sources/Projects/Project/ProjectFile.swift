import HostSystem
import PortlessCore
import SystemPackage

/// One file of a project, read as a whole.
enum ProjectFile {
    static func read(_ path: FilePath) throws(SystemError) -> [UInt8] {
        try AtomicFile.read(path, limit: ReadingBudget.maximumFileSize)
    }
}
