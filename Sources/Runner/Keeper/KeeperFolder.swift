import HostSystem
package import PortlessCore
package import SystemPackage

/// The folder of one supervised app in the state directory, and the names of the files in it.
package struct KeeperFolder: Hashable, Sendable {
    package let path: FilePath

    package init(_ path: FilePath) {
        self.path = path
    }

    /// `root` is the folder of apps, or of jobs.
    package init(of app: AppName, in directory: StateDirectory, _ root: StateFile = .apps) {
        path = directory[root].appending(app.description)
    }

    /// The plan.
    package var plan: FilePath { path.appending("plan.json") }
    /// The status of each process, rewritten at each change.
    package var status: FilePath { path.appending("status.json") }
    /// The keeper's identity; removed at an orderly end.
    package var record: FilePath { path.appending("keeper.json") }
    /// Held by the keeper for as long as it lives.
    package var lock: FilePath { path.appending("keeper.lock") }
    /// The keeper's own output.
    package var keeperLog: FilePath { path.appending("keeper.log") }
    package static let socketName = "keeper.sock"
    package var logs: FilePath { path.appending("logs") }
    /// The named pipes for the processes' output, which outlive a keeper.
    var pipes: FilePath { path.appending("pipes") }
    /// The files into which each process writes its own PID before it runs.
    var pids: FilePath { path.appending("pids") }

    package func log(of process: String) -> FilePath {
        let name = ProcessFileName(process: process)
        let log = logs.appending("\(name.text).log")
        // A keeper of an older version still writes to the file that it has opened.
        guard let older = name.older, !name.isCrashLogOfAnother, (try? FileStatus.of(log)) == nil
        else { return log }
        let olderLog = logs.appending("\(older).log")
        return (try? FileStatus.of(olderLog)) == nil ? log : olderLog
    }

    package func logFiles(of processes: [String]) -> [LogFile] {
        processes.map { LogFile(path: log(of: $0), process: $0) }
    }

    /// The last lines before the latest crash.
    package func crash(of process: String) -> FilePath {
        logs.appending("\(ProcessFileName(process: process).text).crash.log")
    }

    func pipe(of process: String, _ stream: LogLine.Stream) -> FilePath {
        pipes.appending("\(ProcessFileName(process: process).text).\(stream.rawValue)")
    }

    func pid(of process: String) -> FilePath {
        pids.appending(ProcessFileName(process: process).text)
    }

    /// Renames a process's files of an older version.
    func renameOlderFiles(of process: String) {
        let name = ProcessFileName(process: process)
        guard let older = name.older else { return }
        rename(in: pids, older, name.text)
        for stream in [LogLine.Stream.output, .error] {
            rename(in: pipes, "\(older).\(stream.rawValue)", "\(name.text).\(stream.rawValue)")
        }
        guard !name.isCrashLogOfAnother else { return }
        rename(in: logs, "\(older).crash.log", "\(name.text).crash.log")
        let log = "\(older).log"
        for file in DirectoryListing.names(logs) where file == log || file.hasPrefix(log + ".") {
            rename(in: logs, file, name.text + file.dropFirst(older.count))
        }
    }

    private func rename(in folder: FilePath, _ old: String, _ new: String) {
        // The listing tells capitals apart even where paths don't.
        guard DirectoryListing.names(folder).contains(old),
            (try? FileStatus.of(folder.appending(new), followingLinks: false)) == nil
        else { return }
        try? FileSystem.move(folder.appending(old), to: folder.appending(new))
    }
}

/// The name of a process's files, unique within its app.
///
/// On file systems that don't distinguish `Web` from `web` (macOS) both would have the same log,
/// and the log of a process called `web.crash` would be the crash log of `web`. Such names get a
/// mark that no process's name can contain; all others stay unchanged.
struct ProcessFileName {
    let process: String

    /// The name, then the positions of its capital letters in hexadecimal, least first.
    var text: String {
        guard needsMark else { return process }
        var digits = ""
        let bytes = Array(process.utf8)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var digit = 0
            for (place, byte) in bytes[start...].prefix(4).enumerated()
            where Self.isCapital(byte) {
                digit |= 1 << place
            }
            digits += String(digit, radix: 16)
        }
        let end = digits.lastIndex { $0 != "0" } ?? digits.startIndex
        return "\(process)~\(digits[...end])"
    }

    /// The name of the files of an older version; nil where it is the same.
    var older: String? { needsMark ? process : nil }

    /// Whether an older version's log of this name may be another process's.
    var isCrashLogOfAnother: Bool { process.lowercased().hasSuffix(".crash") }

    private var needsMark: Bool {
        isCrashLogOfAnother || process.utf8.contains(where: Self.isCapital)
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
