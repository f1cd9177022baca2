package import HostSystem
package import PortlessCore
import SystemPackage

extension KeeperFolder {
    /// Makes the folder and those in it, for nobody but their user.
    package func create() throws {
        var parents: [FilePath] = []
        var parent = path
        while try FileStatus.of(parent) == nil, parent.removeLastComponent() {
            parents.append(parent)
        }
        for folder in parents.reversed() + [path, logs, pipes, pids]
        where try FileStatus.of(folder) == nil {
            _ = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        }
    }

    /// Nil where the app was never brought up.
    package func readPlan() throws -> SupervisionPlan? {
        guard let json = try read(plan) else { return nil }
        do {
            return try SupervisionPlan(json: json)
        } catch {
            throw KeeperFileError(file: plan, reason: "\(error)")
        }
    }

    /// Replaces the plan, which holds the environment of the processes and is nobody else's.
    package func write(_ new: SupervisionPlan) throws {
        try AtomicFile.write((new.json.formatted + "\n").utf8, to: plan, mode: .ownerReadWrite)
    }

    /// What the keeper last wrote of its processes; nil before its first start.
    package func readStatus() throws -> KeeperStatus? {
        guard let json = try read(status) else { return nil }
        guard let read = KeeperStatus(json: json) else {
            throw KeeperFileError(file: status, reason: "it has no list of processes")
        }
        return read
    }

    func write(_ new: KeeperStatus) throws {
        // After a power cut nothing of it holds any more.
        try AtomicFile.write(
            (new.json.formatted + "\n").utf8,
            to: status,
            mode: .ownerReadWrite,
            isDurable: false,
        )
    }

    /// The keeper that runs, or one that was killed; nil after an orderly end.
    package func readKeeper() throws -> ProcessIdentity? {
        guard let object = try read(record)?.object else { return nil }
        return ProcessIdentity(entry: object)
    }

    func writeKeeper(_ identity: ProcessIdentity, version: String) throws {
        var object: JSONObject = ["version": .string(version)]
        identity.write(to: &object)
        try AtomicFile.write(
            (JSONValue.object(object).formatted + "\n").utf8,
            to: record,
            mode: .ownerReadWrite,
            isDurable: false,
        )
    }

    private func read(_ file: FilePath) throws -> JSONValue? {
        do {
            return try JSONValue(parsing: AtomicFile.read(file))
        } catch let error as SystemError where error.errno == .noSuchFileOrDirectory {
            return nil
        } catch let error as JSONSyntaxError {
            throw KeeperFileError(file: file, reason: error.description)
        }
    }
}
