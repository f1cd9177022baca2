import HostSystem
import PortlessCore
import SystemPackage

/// Shows requests as they happen until a signal says to stop, over any restart of the proxy.
struct TrafficFollower {
    private static let retryPause = Duration.milliseconds(250)
    /// How long details that were asked for may take after the signal.
    private static let lastWait = Duration.seconds(2)

    let directory: StateDirectory
    let console: Console
    let filter: TrafficFilter
    let inspected: [String]
    let reveals: Bool
    var printer: TrafficPrinter
    let archive: TrafficArchive?

    /// Requests without an end, of which the archive gets what there is at last.
    private var open: Set<Int64> = []
    /// Details that are on their way.
    private var awaited: Set<Int64> = []

    init(
        directory: StateDirectory,
        console: Console,
        filter: TrafficFilter,
        inspected: [String],
        reveals: Bool,
        printer: TrafficPrinter,
        archive: TrafficArchive?,
    ) {
        self.directory = directory
        self.console = console
        self.filter = filter
        self.inspected = inspected
        self.reveals = reveals
        self.printer = printer
        self.archive = archive
    }

    func run(_ connection: TrafficConnection) throws {
        var follower = self
        try follower.follow(connection)
    }

    private mutating func follow(_ first: TrafficConnection) throws {
        let signals = try SignalPipe([.interrupt, .terminate, .hangUp])
        var connection = first
        begin(connection)
        while true {
            // A pipe such as `head` that has read enough ends this as well.
            guard PipeReader.isThere(.standardOutput) else { break }
            for event in connection.events(or: signals.reading) { handle(event, connection) }
            guard signals.received().isEmpty else { break }
            guard connection.isGone else { continue }
            console.say("-- The proxy went away; this goes on with the next one.")
            archive?.beginNextProxy()
            open = []
            awaited = []
            guard let next = reconnect(signals) else { break }
            connection = next
            console.say("-- Connected to the next proxy.")
            begin(connection)
        }
        try finish(connection)
    }

    private func begin(_ connection: TrafficConnection) {
        for host in inspected { connection.send(.inspect(host: host, isOn: true)) }
    }

    /// Nil where a signal came meanwhile.
    private func reconnect(_ signals: SignalPipe) -> TrafficConnection? {
        while true {
            if let connection = TrafficConnection(to: directory) { return connection }
            var poll = Poll()
            poll.add(signals.reading, .reading)
            guard poll.wait(timeout: Self.retryPause).isEmpty else { return nil }
        }
    }

    private mutating func handle(_ event: TrafficEvent, _ connection: TrafficConnection) {
        switch event {
        case .record(let record):
            guard filter.matches(record) else { return }
            take(record, connection)
        case .lost(let count):
            console.say("-- \(count) changes were lost, because this reads too slowly.")
        case .details(let details):
            awaited.remove(details.record.id)
            archive?.add(details)
            if reveals { printer.print(details.record) }
        case .missing(let id): awaited.remove(id)
        case .hello, .inspecting, .listed, .uses: break
        }
    }

    private mutating func take(_ record: TrafficRecord, _ connection: TrafficConnection) {
        if record.isOver { open.remove(record.id) } else { open.insert(record.id) }
        guard record.isOver || record.isEndless else { return }
        // Details tell the same with its secrets.
        let asks = reveals || archive != nil && record.isOver
        if asks, awaited.insert(record.id).inserted {
            connection.send(.details(id: record.id, reveals: reveals))
        }
        if !reveals { printer.print(record) }
    }

    private mutating func finish(_ connection: TrafficConnection) throws {
        guard let archive else { return }
        for id in open where awaited.insert(id).inserted {
            connection.send(.details(id: id, reveals: reveals))
        }
        let end = ContinuousClock.now.advanced(by: Self.lastWait)
        while !awaited.isEmpty, !connection.isGone, ContinuousClock.now < end {
            let rest = ContinuousClock.now.duration(to: end)
            for event in connection.events(timeout: rest) {
                switch event {
                case .details(let details):
                    awaited.remove(details.record.id)
                    archive.add(details)
                case .missing(let id): awaited.remove(id)
                default: break
                }
            }
        }
        try archive.write()
    }
}
