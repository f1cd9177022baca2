import HostSystem
import Logging
import PortlessCore
import Runner
import Synchronization
import SystemPackage

/// Names the published ports of running containers, while the user wants it and the server runs.
///
/// The names belong to the server's holder, so that they go with it, however it goes.
actor ContainerWatch {
    private static let tick = Duration.seconds(1)
    /// How often the list is read although no event has come.
    private static let listInterval = Duration.seconds(30)
    /// A start brings several events.
    private static let settling = Duration.milliseconds(100)
    private static let pauses = [1, 1, 2, 5, 15, 30].map { Duration.seconds($0) }
    /// After this many failures in a row the names are taken back.
    private static let patience = 3

    private let directory: StateDirectory
    private let owner: ProcessIdentity
    private let environment: [String: String]
    private let logger: Logger
    private var probes = PortKnowledge()
    private var containers: [Container] = []
    private var engine: String?
    private var failures = 0
    private var written: ContainersFile?
    private var lastProblem: String?

    init(
        directory: StateDirectory,
        owner: ProcessIdentity,
        environment: [String: String],
        logger: Logger,
    ) {
        self.directory = directory
        self.owner = owner
        self.environment = environment
        self.logger = logger
    }

    /// Works until the task is cancelled; the names stay as they are.
    func run() async {
        // Those of a server that was killed.
        if directory.hasContainers { clear() }
        while !Task.isCancelled {
            let settings = self.settings
            guard settings.isWatching == true else {
                clear()
                guard (try? await Task.sleep(for: Self.tick)) != nil else { return }
                continue
            }
            do {
                try await follow(settings)
            } catch {
                guard !Task.isCancelled else { return }
                failures += 1
                if failures >= Self.patience { containers = [] }
                update(problem: "\((error as? EngineFailure) ?? .absent(Self.sentence(error)))")
                await pause(settings)
            }
        }
    }

    /// Takes the names back.
    func clear() {
        guard written != nil || directory.hasContainers else { return }
        containers = []
        failures = 0
        written = nil
        do {
            try RoutesStore(directory: directory).setContainers([], owner: owner)
            try FileSystem.removeFile(directory[.containers])
        } catch {
            tell("Names of containers can't be taken back: \(error)")
        }
    }

    private var settings: ContainerSettings { .read(from: directory) }

    private static func sentence(_ error: any Error) -> String {
        "The engine doesn't answer (\(error))."
    }

    private func pause(_ settings: ContainerSettings) async {
        let length = Self.pauses[min(failures, Self.pauses.count) - 1]
        let end = ContinuousClock.now.advanced(by: length)
        let wasThere = (try? client(settings)) != nil
        while .now < end, self.settings == settings {
            guard (try? await Task.sleep(for: min(length, Self.tick))) != nil else { return }
            // An engine that was started needn't wait for its turn.
            if !wasThere, (try? client(settings)) != nil { return }
        }
    }

    // MARK: Following

    /// Follows the engine until the settings change; throws when it stops answering.
    private func follow(_ settings: ContainerSettings) async throws {
        let client = try client(settings)
        try await refresh(client)
        failures = 0
        update(problem: nil)
        let change = Change()
        let (signals, signal) = AsyncStream.makeStream(
            of: Void.self,
            bufferingPolicy: .bufferingNewest(1),
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await client.follow {
                    change.note()
                    signal.yield()
                }
                throw EngineFailure.ended
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.tick)
                    signal.yield()
                }
            }
            group.addTask { try await self.work(client, settings, signals, change) }
            try await group.next()
        }
    }

    private func work(
        _ client: EngineClient,
        _ settings: ContainerSettings,
        _ signals: AsyncStream<Void>,
        _ change: Change,
    ) async throws {
        var due = ContinuousClock.now.advanced(by: Self.listInterval)
        for await _ in signals {
            guard self.settings == settings else { return }
            if change.take() || due <= .now {
                try await Task.sleep(for: Self.settling)
                _ = change.take()
                try await refresh(client)
                due = .now.advanced(by: Self.listInterval)
            }
            update(problem: nil)
        }
    }

    /// Whether events have come since the list was read.
    private final class Change: Sendable {
        private let isPending = Mutex(false)

        func note() { isPending.withLock { $0 = true } }

        func take() -> Bool {
            isPending.withLock { flag in
                defer { flag = false }
                return flag
            }
        }
    }

    private func client(_ settings: ContainerSettings) throws -> EngineClient {
        switch EngineSearch.live(environment: environment, host: settings.host).find() {
        case .endpoint(let endpoint):
            engine = endpoint.description
            return EngineClient(endpoint: endpoint)
        case .none(let reason):
            engine = nil
            throw EngineFailure.absent(reason)
        }
    }

    private func refresh(_ client: EngineClient) async throws {
        containers = try await client.containers()
    }

    // MARK: Writing

    /// Gives the containers their names, as far as no app has them, and writes down what is known.
    ///
    /// Reads the routes each time: an app that ends gives its name back.
    private func update(problem: String?) {
        probes.forget(allBut: containers)
        var names = ContainerNames(containers, speaksHTTP: { self.probes.speaksHTTP($0) })
        if probes.ask(names.unknownPorts) {
            names = ContainerNames(containers, speaksHTTP: { self.probes.speaksHTTP($0) })
        }
        do {
            let tlds = try directory.proxyMarkers().tlds
            let routes = names.results.flatMap { $0.routes(under: tlds) }
            let store = RoutesStore(directory: directory)
            let taken = try store.setContainers(routes, owner: owner)
            var file = ContainersFile(process: owner, engine: engine, problem: problem)
            file.containers = names.results.map { $0.entry(under: tlds, taken: taken) }
            if file != written {
                try file.write(to: directory)
                written = file
            }
            if let problem { tell(problem) } else { lastProblem = nil }
        } catch {
            tell("Containers can't be given names: \(error)")
        }
    }

    private func tell(_ problem: String) {
        guard problem != lastProblem else { return }
        lastProblem = problem
        logger.warning("\(problem.visibleLine)")
    }
}

extension StateDirectory {
    fileprivate var hasContainers: Bool { (try? FileStatus.of(self[.containers])) != nil }
}

/// Which ports of containers speak HTTP, as far as they were asked.
struct PortKnowledge {
    private struct Finding {
        var speaks: Bool?
        var attempts = 0
        var due = ContinuousClock.now
    }

    private static let probe = HTTPProbe(limit: .milliseconds(500))
    /// So many at a time, since each may take a second, for which the server's end waits.
    private static let mostAtOnce = 3
    private static let longestPause = Duration.seconds(30)
    /// After so many attempts a port counts as one that doesn't, and is asked again now and then.
    private static let patience = 3

    private var findings: [Port: Finding] = [:]
    private var containers: Set<String> = []

    func speaksHTTP(_ port: Port) -> Bool? { findings[port]?.speaks }

    /// Asks the ports whose turn it is; true if that has told anything.
    mutating func ask(_ ports: [Port]) -> Bool {
        let due = ports.filter { findings[$0].map { $0.speaks != true && $0.due <= .now } ?? true }
        var isNew = false
        for port in due.prefix(Self.mostAtOnce) {
            var finding = findings[port] ?? Finding()
            finding.attempts += 1
            if Self.probe.first(of: [port], host: nil) != nil {
                finding.speaks = true
            } else if finding.attempts >= Self.patience {
                finding.speaks = false
            }
            let pause = Duration.seconds(1) * (1 << min(finding.attempts - 1, 5))
            finding.due = .now.advanced(by: min(pause, Self.longestPause))
            isNew = isNew || finding.speaks != findings[port]?.speaks
            findings[port] = finding
        }
        return isNew
    }

    /// What was found of a port is nothing about another container that has it later.
    mutating func forget(allBut containers: [Container]) {
        let current = Set(containers.map(\.id))
        guard current != self.containers else { return }
        let kept = containers.filter { self.containers.contains($0.id) }
        let ports = Set(kept.flatMap { $0.ports.map(\.port) })
        findings = findings.filter { ports.contains($0.key) }
        self.containers = current
    }
}

extension ContainerNames.Result {
    /// The host names under the proxy's TLDs.
    private func hostnames(under tlds: [TLD]) -> [Hostname] {
        names.flatMap { (try? $0.hostnames(under: tlds)) ?? [] }
    }

    func routes(under tlds: [TLD]) -> [ContainerRoute] {
        guard let port else { return [] }
        return hostnames(under: tlds).map { hostname in
            ContainerRoute(
                hostname: hostname,
                port: port.port,
                container: container.name,
                exposedAddress: port.isExposed
                    ? port.address.nilIfEmpty ?? IPAddress.anyIPv4.description : nil,
                upstreamProtocol: isTCP ? .tcp : .http1,
            )
        }
    }

    func entry(under tlds: [TLD], taken: Set<Hostname>) -> ContainersFile.Entry {
        let all = hostnames(under: tlds)
        let lost = all.filter(taken.contains).map(\.description)
        return ContainersFile.Entry(
            name: container.name,
            hostnames: all.filter { !taken.contains($0) }.map(\.description),
            ports: container.ports,
            problem: problem
                ?? (lost.isEmpty ? nil : "An app has the name \(lost.joined(separator: ", "))."),
        )
    }
}
