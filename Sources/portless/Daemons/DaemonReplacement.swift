import HostSystem
import PortlessCore
import Runner

/// Has this program's daemon take the place of the one that runs, on the same sockets.
struct DaemonReplacement {
    let kind: DaemonKind
    let directory: StateDirectory

    /// Returns once the new one serves; where it can't, the old one goes on and the reason is thrown.
    func run() throws {
        guard let program = OwnExecutable.installedPath,
            let client = HolderClient(folder: directory.path, socketName: kind.socketName)
        else {
            throw Failure(
                "The \(kind) that runs can't be replaced by this command.",
                remedy: "Stop it and start it again: \(stopAndStart)",
            )
        }
        switch client.replace(with: program) {
        case .ready: return
        case .failed(let sentence, let remedy):
            throw Failure(
                "The \(kind) couldn't be restarted, and goes on as it is: \(sentence)",
                remedy: remedy ?? "See \(kind.log(in: directory))",
            )
        case nil:
            throw Failure(
                "The \(kind)'s holder doesn't answer.",
                remedy: "Stop it and start it again: \(stopAndStart)",
            )
        }
    }

    /// Puts this version in the place of an older one; newer ones and the original's stay.
    ///
    /// Of many commands that notice it at once, one replaces the daemon.
    func upgrade(_ context: CommandContext, version: () throws -> String?) throws {
        func outdated() throws -> Version? {
            try version().flatMap { Version($0) }.flatMap { $0 < Version.current ? $0 : nil }
        }
        guard try outdated() != nil else { return }
        try kind.withStartLock(in: directory) {
            guard let running = try outdated() else { return }
            context.console.say(
                "-- The \(kind) is version \(running); restarting it as \(Version.current)"
            )
            try context.replaceDaemon(kind, directory)
        }
    }

    private var stopAndStart: String { "portless \(kind) stop && portless \(kind) start" }
}

/// A version of this program, to tell an older one from a newer one.
struct Version: Comparable, CustomStringConvertible {
    static let current = Version(numbers: numbers(in: Portless.version) ?? [0])

    private let numbers: [Int]

    /// Nil unless the text is numbers with dots in between; what follows `-` or `+` is ignored.
    init?(_ text: String) {
        guard let numbers = Self.numbers(in: text) else { return nil }
        self.init(numbers: numbers)
    }

    private init(numbers: [Int]) {
        self.numbers = numbers
    }

    var description: String { numbers.map { String($0) }.joined(separator: ".") }

    static func < (lhs: Version, rhs: Version) -> Bool {
        lhs.numbers.lexicographicallyPrecedes(rhs.numbers)
    }

    private static func numbers(in text: String) -> [Int]? {
        let core = text.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.allSatisfy(\.isASCII) ? Int($0) : nil }
        return numbers.count == parts.count ? numbers : nil
    }
}
