import HostSystem
import SystemPackage

@testable import PortlessCore

/// Changes the routes the way the npm program does: its lock only, overwriting in place.
struct OriginalWriter: Sendable {
    let directory: StateDirectory

    func add(_ hostname: Hostname) throws {
        var delay = 10
        while try !FileSystem.makeDirectory(
            directory[.routesLock],
            mode: FilePermissions(rawValue: 0o755),
        ) {
            SystemClock.sleep(for: .milliseconds(delay + Int.random(in: 0...delay)))
            delay = min(delay * 2, 100)
        }
        defer { try? FileSystem.removeDirectory(directory[.routesLock]) }
        var list = try JSONValue(parsing: AtomicFile.read(directory[.routes])).array ?? []
        let entry: JSONObject = [
            "hostname": .string(hostname.description), "port": .integer(4001), "pid": .integer(0),
        ]
        list.append(.object(entry))
        try write(JSONValue.array(list).formatted, byHalves: true)
    }

    func write(_ text: String, byHalves: Bool) throws {
        if byHalves {
            try AtomicFile.writeInPlace(text.prefix(text.count / 2).utf8, to: directory[.routes])
        }
        try AtomicFile.writeInPlace(text.utf8, to: directory[.routes])
    }
}
