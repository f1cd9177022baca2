package import HostSystem
package import SystemPackage

extension StateDirectory {
    package var serverFile: FilePath { path.appending("server.json") }
    package var serverLog: FilePath { path.appending("server.log") }

    /// The server that wrote the file last; what can't be understood counts as absent.
    package func serverRecord() throws -> ServerRecord? {
        try text(of: serverFile).flatMap { try? JSONValue(parsing: $0.utf8) }
            .flatMap(ServerRecord.init)
    }

    package func write(_ record: ServerRecord) throws {
        try write(record.json.formatted + "\n", to: serverFile)
    }

    /// Removes the file unless another server has written its own since.
    package func removeServerRecord(of process: ProcessIdentity) throws {
        guard let record = try serverRecord(), record.process.isCompatible(with: process) else {
            return
        }
        try FileSystem.removeFile(serverFile)
    }
}
