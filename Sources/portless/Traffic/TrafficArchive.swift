import HostSystem
import PortlessCore
import SystemPackage

/// A HAR file that is written at once when all its requests are known.
final class TrafficArchive {
    /// Beyond these the earliest requests are left out, as the proxy itself forgets them.
    private static let mostEntries = 10_000
    private static let mostBytes = 256 << 20

    private let file: FilePath
    private let console: Console
    private let archive: HTTPArchive
    private var entries: [(id: Int64, text: String)] = []
    /// Where those of the present proxy begin, which counts from one again.
    private var start = 0
    private var bytes = 0
    private var dropped = 0

    /// Refuses a file that can't be written now, and not after all has been watched.
    init(file: FilePath, console: Console, reveals: Bool) throws {
        self.file = file
        self.console = console
        archive = HTTPArchive(version: Portless.version, reveals: reveals)
        let folder = file.removingLastComponent()
        if try FileStatus.of(folder)?.isDirectory != true {
            throw Failure(
                "The HAR file \(file) can't be written: there is no folder \(folder).",
                remedy: "Make the folder, or name a file in another one.",
            )
        }
        if try FileStatus.of(file)?.isDirectory == true {
            throw Failure(
                "The HAR file \(file) can't be written: it is a folder.",
                remedy: "Name a file in it, such as \(file.appending("portless.har")).",
            )
        }
        if !FileSystem.isWritable(folder) { throw Self.refusal(file, "the folder is read-only") }
    }

    private static func refusal(_ file: FilePath, _ reason: String) -> Failure {
        Failure(
            "The HAR file \(file) can't be written: \(reason).",
            remedy: "Name a file in a folder that you can write to.",
        )
    }

    /// Adds a request; one that was added before, such as a WebSocket, is replaced.
    func add(_ details: TrafficDetails) {
        let text = archive.entry(details).compact
        bytes += text.utf8.count
        if let place = entries[start...].lastIndex(where: { $0.id == details.record.id }) {
            bytes -= entries[place].text.utf8.count
            entries[place].text = text
        } else {
            entries.append((details.record.id, text))
        }
        while entries.count > Self.mostEntries || bytes > Self.mostBytes, entries.count > 1 {
            bytes -= entries.removeFirst().text.utf8.count
            start = max(0, start - 1)
            dropped += 1
        }
    }

    /// From now on requests are another proxy's.
    func beginNextProxy() {
        start = entries.count
    }

    /// Writes the file, which only its user can read: it may hold what no name marks as a secret.
    func write() throws {
        let (start, end) = archive.frame
        let text = start + entries.map(\.text).joined(separator: ",") + end + "\n"
        do {
            try AtomicFile.write(text.utf8, to: file, mode: .ownerReadWrite)
        } catch {
            throw Self.refusal(file, "\(error.errno)")
        }
        let left = dropped > 0 ? "; \(dropped) earlier ones were left out" : ""
        let count = entries.count == 1 ? "1 request is" : "\(entries.count) requests are"
        console.say("-- \(count) in \(file)\(left).")
    }
}
