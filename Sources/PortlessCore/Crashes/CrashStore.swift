package import HostSystem
package import SystemPackage

/// The folder with the records of crashes: one file for each, its patch beside it, and the settings.
///
/// Keepers add records and the server changes them. Each file is replaced as a whole, so they need
/// no lock: only the server changes a record that is there, and a keeper only adds new ones.
package struct CrashStore: Sendable {
    /// How many records are kept.
    package static let most = 100
    /// How many of one process, so that one in a crash loop doesn't displace the others.
    private static let mostOfProcess = 20
    private static let suffix = ".json"

    package let folder: FilePath
    private let directory: StateDirectory

    package init(directory: StateDirectory) {
        self.directory = directory
        folder = directory[.crashes]
    }

    private func file(_ id: String) -> FilePath { folder.appending(id + Self.suffix) }
    package func patchFile(_ id: String) -> FilePath { folder.appending("\(id).patch") }
    /// What autofix works in; removed when it is done.
    package func workFolder(_ id: String) -> FilePath { folder.appending("\(id).work") }
    private var settingsFile: FilePath { folder.appending("settings.json") }
    private var goodFile: FilePath { folder.appending("good.json") }

    // MARK: Records

    /// The identifiers of all records, newest first.
    package func ids() -> [String] {
        DirectoryListing.names(folder, limit: 100_000).compactMap { name in
            guard name.hasSuffix(Self.suffix) else { return nil }
            let id = String(name.dropLast(Self.suffix.utf8.count))
            // Every record's identifier begins with its time.
            return CrashRecord.isValidID(id) && id.first?.isNumber == true ? id : nil
        }.sorted(by: >)
    }

    /// Nil where there is no such record; one that can't be understood is none.
    package func record(_ id: String) -> CrashRecord? {
        guard CrashRecord.isValidID(id), let bytes = try? AtomicFile.readIfPresent(file(id)),
            let json = try? JSONValue(parsing: bytes), let record = CrashRecord(json: json),
            record.id == id
        else { return nil }
        return record
    }

    /// All records, newest first.
    package func records() -> [CrashRecord] { ids().compactMap(record) }

    /// Adds a new record, and removes the oldest ones.
    package func add(_ record: CrashRecord, now: Timestamp = .now) throws {
        try create()
        // The keeper restarts the process afterwards, and shall not wait for the disk.
        try write(record, isDurable: false)
        removeOldest(now: now)
    }

    /// A record that autofix works on stays, and so does one whose patch counts for the cooldown.
    private func removeOldest(now: Timestamp) {
        let ids = ids()
        guard ids.count > Self.mostOfProcess else { return }
        var kept = 0
        var keptOf: [String: Int] = [:]
        for id in ids {
            let record = record(id)
            // One that can't be understood counts among all.
            let process = record.map { "\($0.app)/\($0.process)" }
            let others = process.flatMap { keptOf[$0] } ?? 0
            let isNeeded =
                record?.patch.map { $0.state.isUnderWay || $0.isRecent(at: now) } ?? false
            guard isNeeded || kept < Self.most && others < Self.mostOfProcess else {
                remove(id)
                continue
            }
            kept += 1
            if let process { keptOf[process] = others + 1 }
        }
    }

    /// Replaces a record; one that was removed meanwhile stays removed.
    package func update(_ record: CrashRecord) throws {
        guard (try? FileStatus.of(file(record.id))) != nil else { return }
        try write(record)
    }

    private func write(_ record: CrashRecord, isDurable: Bool = true) throws {
        try AtomicFile.write(
            (record.stored.formatted + "\n").utf8,
            to: file(record.id),
            mode: .ownerReadWrite,
            owner: directory.owner,
            isDurable: isDurable,
        )
    }

    /// Removes a record with its patch.
    package func remove(_ id: String) {
        guard CrashRecord.isValidID(id) else { return }
        try? FileSystem.removeFile(file(id))
        try? FileSystem.removeFile(patchFile(id))
    }

    /// The folders in which autofix works or has worked.
    package func workFolders() -> [(id: String, path: FilePath)] {
        DirectoryListing.names(folder, limit: 100_000).compactMap { name in
            guard name.hasSuffix(".work") else { return nil }
            let id = String(name.dropLast(5))
            return CrashRecord.isValidID(id) ? (id, folder.appending(name)) : nil
        }
    }

    /// Nil where there is none, or none that can be understood.
    package func work(on id: String) -> FixWork? {
        guard let bytes = try? AtomicFile.readIfPresent(workFile(id)) else { return nil }
        return try? FixWork(json: JSONValue(parsing: bytes))
    }

    package func write(_ work: FixWork, on id: String) throws {
        // Arguments of a command may hold secrets.
        try AtomicFile.write(
            (work.json.formatted + "\n").utf8,
            to: workFile(id),
            mode: .ownerReadWrite,
        )
    }

    private func workFile(_ id: String) -> FilePath { workFolder(id).appending("state.json") }

    private func create() throws {
        let isNew = try FileSystem.makeDirectory(folder, mode: .ownerReadWriteExecute)
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
    }

    /// The lock of the server that works on the crashes; nil while another one holds it.
    package func takeLock() throws -> HeldLock? {
        try create()
        let file = folder.appending("lock")
        guard let lock = try HeldLock.take(at: file) else { return nil }
        if let owner = directory.owner { try FileSystem.setOwner(owner, of: file) }
        return lock
    }

    // MARK: Settings

    /// Off where there are none; settings that can't be understood are an error that names them.
    package func settings() throws -> CrashSettings {
        guard let text = try directory.text(of: settingsFile) else { return CrashSettings() }
        do {
            return try CrashSettings(json: JSONValue(parsing: text.utf8))
        } catch {
            throw CrashSettingsError(file: settingsFile, reason: "\(error)")
        }
    }

    package func write(_ settings: CrashSettings) throws {
        try create()
        // Arguments of a command may hold secrets.
        try directory.write(settings.json.formatted + "\n", to: settingsFile, isSecret: true)
    }

    // MARK: The last good run

    package struct Good: Hashable, Sendable {
        package var head: String
        package var time: Timestamp

        package init(head: String, time: Timestamp) {
            self.head = head
            self.time = time
        }
    }

    /// When and at which commit a process was last seen running well.
    package func good(_ app: AppName, _ process: String) -> Good? {
        guard let entry = goods()["\(app)/\(process)"], let head = entry["head"]?.string,
            let time = entry["at"]?.string.flatMap({ Timestamp(reading: $0, now: .now) })
        else { return nil }
        return Good(head: head, time: time)
    }

    package func note(_ good: Good, of app: AppName, _ process: String) throws {
        try create()
        var all = goods()
        let key = "\(app)/\(process)"
        all[key] = nil
        all[key] = .object(["head": .string(good.head), "at": .string(good.time.text)])
        // The oldest notes stand first.
        let unwanted = Set(all.keys.dropLast(500))
        all.removeAll(where: unwanted.contains)
        try directory.write(JSONValue.object(all).formatted + "\n", to: goodFile, isSecret: true)
    }

    private func goods() -> JSONObject {
        guard let text = try? directory.text(of: goodFile) else { return [:] }
        return (try? JSONValue(parsing: text.utf8))?.object ?? [:]
    }
}

/// Whether crashes are recorded, and what follows one.
package struct CrashSettings: Hashable, Sendable {
    /// How long after a crash no further one of the process starts autofix.
    package static let cooldown = Duration.seconds(30 * 60)

    package struct Autofix: Hashable, Sendable {
        package enum Apply: String, Hashable, Sendable, CaseIterable {
            /// Only by hand.
            case never
            /// By itself, where a command has verified it.
            case verified
        }

        /// The program with its arguments.
        package var command: [String]
        package var timeout = Duration.seconds(600)
        package var verify: [String]?
        package var apply = Apply.never

        package init(command: [String]) {
            self.command = command
        }
    }

    package var isOn = false
    package var autofix: Autofix?

    package init() {}
}

extension CrashSettings {
    private static let codec = JSONCodec.object(
        [
            .defaulted("on", \.isOn, as: .flag),
            .optional("autofix", \.autofix, as: .autofix),
        ],
        blank: CrashSettings(),
    )

    package static var shape: JSONShape { codec.shape }
    package var json: JSONValue { Self.codec.write(self) }

    package init(json: JSONValue) throws {
        self = try Self.codec.read(json, "settings")
    }
}

extension CrashSettings.Autofix {
    package static var shape: JSONShape { JSONCodec<Self>.autofix.shape }
    package var json: JSONValue { JSONCodec<Self>.autofix.write(self) }

    package init(json: JSONValue) throws {
        self = try JSONCodec<Self>.autofix.read(json, "autofix")
        if apply == .verified, verify == nil {
            throw JSONMismatch("autofix.verify", "there where apply is verified")
        }
    }
}

extension JSONCodec<CrashSettings.Autofix> {
    static let autofix = object(
        [
            .required("command", \.command, as: .command),
            .defaulted("timeoutSeconds", \.timeout, as: .wholeSeconds),
            .optional("verify", \.verify, as: .command),
            .defaulted("apply", \.apply, as: .choice),
        ],
        blank: CrashSettings.Autofix(command: []),
        name: "Autofix",
    )
}

extension JSONCodec<Duration> {
    /// From one second to a day.
    fileprivate static let wholeSeconds = JSONCodec(
        .count,
        "a whole number of seconds",
        write: { .integer($0.components.seconds) },
        read: { json in
            json.integer(as: Int64.self).flatMap { number in
                number < 1 ? nil : .seconds(min(number, 86_400))
            }
        },
    )
}

/// Settings that can't be understood.
package struct CrashSettingsError: Error, Hashable, CustomStringConvertible {
    let file: FilePath
    let reason: String

    package var description: String {
        "\(file) can't be understood: \(reason). Remove it, or correct it."
    }
}
