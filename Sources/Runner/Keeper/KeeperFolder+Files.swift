package import HostSystem
package import PortlessCore
import SystemPackage

extension KeeperFolder {
    /// Creates the folder and its subfolders, accessible to their user only.
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

    /// Replaces the plan, which holds the environment of the processes and is readable by its user alone.
    package func write(_ new: SupervisionPlan) throws {
        try AtomicFile.write((new.json.formatted + "\n").utf8, to: plan, mode: .ownerReadWrite)
    }

    /// The last status that the keeper wrote; nil before its first start.
    package func readStatus() throws -> KeeperStatus? {
        guard let json = try read(status) else { return nil }
        guard let read = KeeperStatus(json: json) else {
            throw KeeperFileError(file: status, reason: "it has no list of processes")
        }
        return read
    }

    func write(_ new: KeeperStatus) throws {
        // After a power cut none of it holds any more.
        try AtomicFile.write(
            (new.json.formatted + "\n").utf8,
            to: status,
            mode: .ownerReadWrite,
            isDurable: false,
        )
    }

    /// The running keeper, or one that was killed; nil after an orderly end.
    package func readKeeper() throws -> ProcessIdentity? {
        guard let json = try read(record) else { return nil }
        guard let keeper = json.object.flatMap({ ProcessIdentity(entry: $0) }) else {
            throw KeeperFileError(file: record, reason: "it names no process")
        }
        return keeper
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

    /// The PID that a process wrote down before it ran; nil if it didn't.
    func readPID(of process: String) -> Int32? {
        guard let bytes = try? content(of: pid(of: process)), bytes.count == 4 else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
    }

    private func read(_ file: FilePath) throws -> JSONValue? {
        do {
            return try content(of: file).map { try JSONValue(parsing: $0) }
        } catch let error as JSONSyntaxError {
            throw KeeperFileError(file: file, reason: error.description)
        }
    }

    /// A file's contents; nil where there is no such file.
    ///
    /// A pipe or a device isn't read, since it might never end.
    private func content(of file: FilePath) throws -> [UInt8]? {
        guard let status = try FileStatus.of(file) else { return nil }
        guard status.isRegularFile, status.size <= Self.largestFile else {
            let reason = status.isRegularFile ? "it is too large" : "it is no regular file"
            throw KeeperFileError(file: file, reason: reason)
        }
        do {
            return try AtomicFile.read(file)
        } catch  where error.errno == .noSuchFileOrDirectory {
            return nil
        }
    }

    /// A plan holds the environments of up to some hundred processes.
    private static let largestFile: Int64 = 64 << 20
}

/// A file in an app's folder that can't be understood.
struct KeeperFileError: Error, Hashable, CustomStringConvertible {
    let file: FilePath
    let reason: String

    var description: String {
        "\(file) can't be understood: \(reason). Remove it, and bring the app up again."
    }
}

/// The status of a keeper's processes, for the server and for its own successor.
package struct KeeperStatus: Hashable, Sendable {
    package var processes: [SupervisedProcess]
    /// The boot of the operating system during which it was written.
    package var boot: String?

    init(processes: [SupervisedProcess], boot: String?) {
        self.processes = processes
        self.boot = boot
    }

    var json: JSONValue {
        var object: JSONObject = ["processes": .array(processes.map(\.json))]
        object["boot"] = boot.map { .string($0) }
        return .object(object)
    }

    /// Nil for JSON of another form.
    init?(json: JSONValue) {
        guard let entries = json["processes"]?.array else { return nil }
        let boot = json["boot"]?.string
        processes = entries.compactMap { SupervisedProcess(json: $0) }.map { process in
            // Older versions wrote the boot once for all processes.
            guard let old = process.identity, old.boot == nil else { return process }
            var process = process
            process.identity = ProcessIdentity(
                pid: old.pid,
                startTime: old.startTime,
                namespace: old.namespace,
                boot: boot,
            )
            return process
        }
        guard processes.count == entries.count else { return nil }
        self.boot = boot
    }
}
