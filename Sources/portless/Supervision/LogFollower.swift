import HostSystem
import PortlessCore

/// Prints lines as they are written, over any interruption.
struct LogFollower {
    private static let pause = Duration.milliseconds(200)

    let context: CommandContext
    let app: String
    let process: String?

    /// Goes on until something fails; a server that went away is started again, and nothing is
    /// missed.
    func run(last count: Int, _ printer: LogPrinter) throws {
        var seen: Int64?
        while true {
            let server = try context.server()
            let query = process.map { "&process=\($0)" } ?? ""
            let path = "/api/apps/\(app)/logs/follow?lines=\(count)\(query)"
            seen = try APIStream(server).lines(of: path, after: seen) { printer.print($0) } ?? seen
            SystemClock.sleep(for: Self.pause)
        }
    }
}
