import HostSystem
package import SystemPackage

/// A watcher's connection to the proxy of a state directory.
///
/// Of one thread at a time. The proxy records for as long as there is such a connection.
package final class TrafficConnection {
    private let socket: LineSocket
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var pending: [TrafficEvent] = []
    /// The hosts that any watcher inspects, as the proxy told last.
    package private(set) var inspected: [String] = []

    /// Nil where no proxy of this directory records traffic.
    package init?(to directory: StateDirectory) {
        let name = StateFile.proxyTrafficSocket.name
        guard let descriptor = try? LocalSocket.connect(in: directory.path, to: name) else {
            return nil
        }
        socket = LineSocket(descriptor)
    }

    deinit {
        socket.close()
        buffer.deallocate()
    }

    /// Whether the proxy has ended the connection; events that came before may still be pending.
    package var isGone: Bool { socket.isGone }

    package func send(_ request: TrafficRequest) {
        socket.send(request.json)
        socket.flush()
    }

    /// The next events, as soon as there are any; none when `timeout` is over, `other` is readable, or
    /// the proxy is gone.
    package func events(
        timeout: Duration? = nil,
        or other: FileDescriptor? = nil,
    ) -> [TrafficEvent] {
        if !pending.isEmpty {
            defer { pending.removeAll() }
            return pending
        }
        let end = timeout.map { ContinuousClock.now.advanced(by: $0) }
        while !socket.isGone {
            var poll = Poll()
            poll.add(socket.descriptor, socket.interest)
            if let other { poll.add(other, .reading) }
            let rest = end.map { ContinuousClock.now.duration(to: $0) }
            let ready = poll.wait(timeout: rest)
            if let interest = ready[socket.descriptor] {
                if interest.contains(.writing) { socket.flush() }
                // Lines of a newer proxy that this version doesn't know are passed over.
                let events = receive()
                if !events.isEmpty { return events }
            }
            if let other, ready[other] != nil { return [] }
            if let end, end <= .now { return [] }
        }
        return []
    }

    private func receive() -> [TrafficEvent] {
        let events = socket.receive(into: buffer).compactMap { TrafficEvent(json: $0) }
        for event in events {
            switch event {
            case .inspecting(let hosts), .hello(_, _, let hosts): inspected = hosts
            default: break
            }
        }
        return events
    }
}

// MARK: Questions

extension TrafficConnection {
    /// How long a proxy that works may take for one answer.
    private static let patience = Duration.seconds(5)

    /// The last records, the newest last; throws if the proxy doesn't tell them.
    package func records(last: Int) throws(TrafficFailure) -> [TrafficRecord] {
        send(.list(last: last))
        var order: [Int64] = []
        var records: [Int64: TrafficRecord] = [:]
        try wait { event in
            switch event {
            case .record(let record):
                if records.updateValue(record, forKey: record.id) == nil {
                    order.append(record.id)
                }
                return false
            case .listed: return true
            default: return false
            }
        }
        return order.sorted().suffix(last).compactMap { records[$0] }
    }

    /// A record with all that is known of it; nil if the proxy has it no more.
    package func details(
        of id: Int64,
        reveals: Bool = false,
    ) throws(TrafficFailure) -> TrafficDetails? {
        send(.details(id: id, reveals: reveals))
        var found: TrafficDetails?
        try wait { event in
            switch event {
            case .details(let details) where details.record.id == id:
                found = details
                return true
            case .missing(id): return true
            default: return false
            }
        }
        return found
    }

    /// How the ports of apps are used now; a proxy of an older version doesn't tell.
    package func uses() throws(TrafficFailure) -> PortUses {
        send(.uses)
        var found: PortUses?
        try wait { event in
            if case .uses(let uses) = event { found = uses }
            return found != nil
        }
        guard let found else { throw .gone }
        return found
    }

    /// Calls `take` with each event until it returns true; keeps those that come after.
    private func wait(_ take: (TrafficEvent) -> Bool) throws(TrafficFailure) {
        let end = ContinuousClock.now.advanced(by: Self.patience)
        while !isGone || !pending.isEmpty {
            let events = events(timeout: ContinuousClock.now.duration(to: end))
            for (index, event) in events.enumerated() where take(event) {
                pending = Array(events[(index + 1)...])
                return
            }
            if end <= .now { throw .silent }
        }
        throw .gone
    }
}

/// Why the proxy tells nothing of its traffic.
package enum TrafficFailure: Error, Hashable, CustomStringConvertible {
    case absent
    case gone
    case silent

    package var description: String {
        switch self {
        case .absent:
            """
            No proxy that records traffic runs. Start one with `portless proxy start`, or, after an \
            upgrade, `portless proxy restart`.
            """
        case .gone: "The proxy went away. Try again in a moment."
        case .silent: "The proxy doesn't answer. Restart it with `portless proxy restart`."
        }
    }
}
