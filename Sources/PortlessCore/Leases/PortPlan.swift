import HostSystem

/// Decides which ports an app gets; it reads and changes nothing.
package struct PortPlan {
    package enum Change: Hashable, Sendable {
        case unchanged
        case created
        case grown
        case moved(from: PortRange)
        /// Only descriptions are new.
        case described
    }

    package var ranges: [PortRange]
    /// The ports that the system gives to outgoing connections.
    package var systemEphemeral: PortRange?
    /// Other ports to leave out, such as the Android emulator's while adb runs.
    package var avoided: [PortRange] = []
    /// Ports that projects declare in their own files.
    package var declared: Set<Port> = []

    /// The app's new lease; the same request gives the same block again.
    ///
    /// `isFree` tells whether nothing listens on a port, and is called as rarely as possible.
    package func lease(
        _ requests: [LeaseRequest],
        for app: AppName,
        among leases: [PortLease],
        mayMove: Bool = false,
        isFree: (Port) throws -> Bool,
    ) throws -> (lease: PortLease, change: Change) {
        try check(requests)
        let taken = Set(leases.lazy.filter { $0.app != app }.flatMap { $0.ports.map(\.port) })
        let isOpen = { (port: Port) in try isUsable(port, taken: taken) && isFree(port) }
        guard let current = leases.first(where: { $0.app == app }), let range = current.range else {
            return (try create(requests, for: app, isOpen: isOpen), .created)
        }
        var described = current
        for request in requests { described.describe(request) }
        let new = requests.filter { current.port($0.label) == nil }
        try check(new, beside: current.ports.map(\.label))
        guard !new.isEmpty else {
            return (described, described == current ? .unchanged : .described)
        }
        if let grown = try grow(described, by: new, isOpen: isOpen) { return (grown, .grown) }
        guard mayMove else {
            throw LeaseError.cannotGrow(app: app, range: range, count: new.count)
        }
        let all = try described.ports.map { leased throws(LeaseError) in
            try LeaseRequest(label: leased.label, description: leased.description)
        }
        return (try create(all + new, for: app, isOpen: isOpen), .moved(from: range))
    }

    /// Blocks of free ports, first of each range: what `portless ports find` suggests.
    package func blocks(
        of count: Int,
        atMost limit: Int,
        among leases: [PortLease],
        isFree: (Port) throws -> Bool,
    ) throws -> [PortRange] {
        let taken = Set(leases.flatMap { $0.ports.map(\.port) })
        var found: [PortRange] = []
        let isOpen = { (port: Port) in try isUsable(port, taken: taken) && isFree(port) }
        try search(count, isOpen: isOpen) { block in
            found.append(block)
            return found.count < limit
        }
        return found
    }

    /// Whether an app may get the port, if nothing listens there.
    package func mayBeUsed(_ port: Port, among leases: [PortLease]) -> Bool {
        isUsable(port, taken: Set(leases.flatMap { $0.ports.map(\.port) }))
    }

    /// False for ports that no app gets, whether something listens there or not.
    func isUsable(_ port: Port, taken: Set<Port>) -> Bool {
        !taken.contains(port) && !declared.contains(port) && !WellKnownPorts.contains(port)
            && !BrowserBlockedPorts.contains(port) && !PortSettings.core.contains(port)
            && systemEphemeral?.contains(port) != true
            && !avoided.contains { $0.contains(port) }
    }

    private func check(_ requests: [LeaseRequest]) throws(LeaseError) {
        guard !requests.isEmpty else { throw .noLabels }
        var seen: Set<String> = []
        for request in requests where !seen.insert(request.label.lowercased()).inserted {
            throw .repeatedLabel(request.label)
        }
        try check(requests, beside: requests.map(\.label))
    }

    /// Two labels with one variable would hide each other's port from the app.
    private func check(
        _ requests: [LeaseRequest],
        beside labels: [String],
    ) throws(LeaseError) {
        for request in requests {
            guard let rival = PortLabels.rival(of: request.label, among: labels) else { continue }
            throw .sameVariable(rival, request.label)
        }
    }

    private func create(
        _ requests: [LeaseRequest],
        for app: AppName,
        isOpen: (Port) throws -> Bool,
    ) throws -> PortLease {
        var block: PortRange?
        try search(requests.count, isOpen: isOpen) { found in
            block = found
            return false
        }
        let ports = zip(requests, block?.ports ?? []).map { request, port in
            LeasedPort(label: request.label, port: port, description: request.description)
        }
        guard let lease = PortLease(app: app, ports: ports) else {
            throw LeaseError.noRoom(count: requests.count, ranges: ranges)
        }
        return lease
    }

    /// Adds ports after the block if there is room, else before it; no port changes.
    private func grow(
        _ lease: PortLease,
        by requests: [LeaseRequest],
        isOpen: (Port) throws -> Bool,
    ) throws -> PortLease? {
        guard let range = lease.range else { return nil }
        let count = requests.count
        let after = range.last.number + 1...range.last.number + count
        let before = range.first.number - count...range.first.number - 1
        for numbers in [after, before] {
            let ports = numbers.compactMap { Port($0) }
            guard ports.count == count, ranges.contains(where: { $0.holds(ports) }),
                try ports.allSatisfy(isOpen)
            else { continue }
            let added = zip(requests, ports).map { request, port in
                LeasedPort(label: request.label, port: port, description: request.description)
            }
            return PortLease(app: lease.app, ports: lease.ports + added)
        }
        return nil
    }

    /// Visits blocks that don't overlap, in order, until `visit` has enough.
    private func search(
        _ count: Int,
        isOpen: (Port) throws -> Bool,
        visit: (PortRange) -> Bool,
    ) throws {
        for range in ranges {
            var first = range.first.number
            while first + count - 1 <= range.last.number {
                let numbers = first..<first + count
                // From the end, so that a taken port is skipped at one go.
                let obstacle = try numbers.last { number in
                    guard let port = Port(number) else { return true }
                    return try !isOpen(port)
                }
                if let obstacle {
                    first = obstacle + 1
                    continue
                }
                guard let low = Port(first), let high = Port(first + count - 1),
                    let block = PortRange(first: low, last: high)
                else { return }
                guard visit(block) else { return }
                first += count
            }
        }
    }
}

extension PortRange {
    fileprivate func holds(_ ports: [Port]) -> Bool { ports.allSatisfy(contains) }
}

extension PortLease {
    fileprivate mutating func describe(_ request: LeaseRequest) {
        guard let description = request.description,
            let index = ports.firstIndex(where: {
                $0.label.lowercased() == request.label.lowercased()
            })
        else { return }
        ports[index].description = description
    }
}

extension PortPlan.Change {
    /// The change in a sentence; nil if there is none.
    package func sentence(_ lease: PortLease) -> String? {
        guard let range = lease.range else { return nil }
        return switch self {
        case .unchanged: nil
        case .created: "Leased \(range.text) for \(lease.app)."
        case .grown: "The block of \(lease.app) has grown: \(range.text)."
        case .moved(let old):
            "The block of \(lease.app) has moved from \(old.text) to \(range.text)."
        case .described: "Noted what the ports of \(lease.app) are for."
        }
    }
}

extension PortPlan {
    /// The plan for this machine at this moment.
    ///
    /// It excludes the ports that registered apps declare and routes lead to, also while nothing listens
    /// there.
    package static func current(in directory: StateDirectory) throws -> PortPlan {
        let settings = try PortSettings.read(from: directory)
        let apps = try AppRegistry(directory: directory).list()
        let declared = apps.flatMap { $0.processes.flatMap { $0.ports.map(\.port) } }
        let routed = try RoutesStore(directory: directory).list().compactMap(\.port)
        return PortPlan(
            ranges: settings.ranges,
            systemEphemeral: .systemEphemeral,
            avoided: RunningPrograms.contain("adb") ? [PortSettings.emulator] : [],
            declared: Set(declared + routed),
        )
    }
}
