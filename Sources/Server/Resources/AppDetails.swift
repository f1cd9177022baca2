import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// What `GET /api/apps` tells beside the original's members: where an app's checkout is, what its
/// URLs lead to, and why a process doesn't run.
struct AppDetails {
    /// The last lines of a process that has failed.
    private static let shownLines = 5

    let services: ServerServices
    let entries: [RouteEntry]
    let proxy: ProxyDescription?

    init(services: ServerServices) throws {
        self.services = services
        entries = try RoutesStore(directory: services.directory).list()
        // The apps are shown even where the proxy's settings can't be read.
        proxy = try? services.proxy()
    }

    var routes: [Route] { entries.compactMap(\.route) }

    func json(_ app: CatalogApp, now: Timestamp) async -> JSONValue {
        var object = app.json(routes: routes, now: now).object ?? [:]
        if let folder = app.directory { Self.describe(folder, &object) }
        object["urls"] = .array(urls(of: app))
        if let lines = await lastLines(of: app) { object["lastLines"] = lines }
        return .object(object)
    }

    private static func describe(_ folder: FilePath, _ object: inout JSONObject) {
        guard let checkout = GitRepository.checkout(of: folder) else { return }
        object["project"] = .object([
            "id": .string(checkout.repository.string), "name": .string(checkout.name),
        ])
        object["branch"] = checkout.branch.map { .string($0) } ?? .null
        object["worktree"] = checkout.worktree.map { .string($0) } ?? .null
    }

    private func urls(of app: CatalogApp) -> [JSONValue] {
        guard let supervised = app.supervised, let proxy else { return [] }
        let urls = Set(supervised.processes.flatMap(\.urls))
        let own = entries.filter { entry in
            Hostname(entry.hostname).map { urls.contains(proxy.url(for: $0)) } ?? false
        }
        return localURLs(of: supervised, proxy) + own.flatMap(Self.sharedURLs)
    }

    /// The addresses that others reach.
    private static func sharedURLs(_ entry: RouteEntry) -> [JSONValue] {
        entry.addresses.map { address in
            .object([
                "label": .string(address.provider.rawValue),
                "process": .string(""),
                "url": .string(address.url),
                "primary": .bool(false),
                "scope": .string(address.provider.reach.rawValue),
            ])
        }
    }

    private func localURLs(of supervised: SupervisedApp, _ proxy: ProxyDescription) -> [JSONValue] {
        let routed = supervised.processes.flatMap { process in
            routes.compactMap { route -> JSONValue? in
                guard let port = route.port else { return nil }
                let labeled = process.ports.first { $0.port == port }
                // A TCP name has no URL.
                guard labeled != nil || process.primaryPort == port,
                    route.upstreamProtocol != .tcp
                else { return nil }
                let url = proxy.url(for: route)
                return .object([
                    "label": .string(labeled?.label ?? "app"),
                    "process": .string(process.name),
                    "url": .string(url),
                    "primary": .bool(process.urls.contains(url)),
                    "scope": .string("local"),
                ])
            }
        }
        guard supervised.onRequest != nil else { return routed }
        let known = Set(routed.compactMap { $0["url"]?.string })
        return routed
            + supervised.processes.flatMap { process in
                process.urls.filter { !known.contains($0) }.map { url in
                    .object([
                        "label": .string("app"), "process": .string(process.name),
                        "url": .string(url), "primary": .bool(url == process.urls.first),
                        "scope": .string("local"),
                    ])
                }
            }
    }

    private func lastLines(of app: CatalogApp) async -> JSONValue? {
        var lines = JSONObject()
        for process in app.supervised?.processes ?? []
        where process.state == .errored || process.state == .crashLooping {
            let excerpt = try? await services.supervisor.logs(
                app.supervised?.name ?? AppName(parsing: app.name),
                process.name,
                last: Self.shownLines,
            )
            guard let excerpt else { continue }
            lines[process.name] = .array(
                excerpt.filter { $0.stream != .note }.suffix(Self.shownLines)
                    .map { .string($0.text) }
            )
        }
        return lines.isEmpty ? nil : .object(lines)
    }

    // MARK: Runs in terminals

    /// The apps that run in a terminal, each with the process of its run.
    func terminalApps(besides apps: [CatalogApp]) -> [JSONValue] {
        let own = ProcessIdentity.current.namespace
        let kept = Set(apps.compactMap(\.supervised).flatMap { $0.processes.flatMap(\.urls) })
        var runs: [(process: ProcessIdentity, routes: [Route])] = []
        for route in routes {
            guard case .process(let process) = route.owner, process.isAlive,
                process.namespace == nil || process.namespace == own,
                ProcessDetails.commandLine(of: process.pid)?.contains("__keeper") != true,
                proxy.map({ !kept.contains($0.url(for: route)) }) ?? true
            else { continue }
            if let index = runs.firstIndex(where: { $0.process == process }) {
                runs[index].routes.append(route)
            } else {
                runs.append((process, [route]))
            }
        }
        let server = try? services.directory.serverRecord()
        runs.removeAll { $0.process.pid == server?.process.pid }
        let usage = services.terminals.samples(of: runs.map(\.process))
        return runs.map { json(of: $0.process, $0.routes, usage[$0.process]) }
    }

    private func json(
        of process: ProcessIdentity,
        _ routes: [Route],
        _ usage: UsageMeter.Sample?,
    ) -> JSONValue {
        let names = routes.map(\.hostname)
        let shortest = names.min { $0.description.count < $1.description.count }
        let host = shortest?.description ?? ""
        let suffix = (proxy?.tlds ?? [.localhost]).map { ".\($0)" }.first(where: host.hasSuffix)
        let name = String(host.dropLast(suffix?.count ?? 0))
        let folder = ProcessDetails.workingDirectory(of: process.pid)
        var object: JSONObject = [
            "id": .string(name), "name": .string(name), "processes": .array([]),
            "pm2Status": .object([:]), "overallStatus": .string(ProcessState.online.rawValue),
            "degraded": .bool(false), "endpoints": .array([]),
            "names": .array(
                names.map { .object(["label": .string("app"), "name": .string($0.description)]) }
            ),
            "uiPort": .null, "apiPort": .null, "devUiPort": .null, "supervised": .null,
            "hasDeployScript": .bool(false),
            "xcodeScripts": .object(["missing": .array([]), "present": .array([])]),
            "urls": .array(
                routes.filter { $0.upstreamProtocol != .tcp }.map { route in
                    .object([
                        "label": .string("app"), "process": .string(name),
                        "url": .string(proxy?.url(for: route) ?? ""),
                        "primary": .bool(route.hostname == shortest), "scope": .string("local"),
                    ])
                } + entries.filter { names.contains(where: $0.isNamed) }.flatMap(Self.sharedURLs)
            ),
        ]
        object["terminal"] = .object([
            "pid": .integer(process.pid),
            "startedAt": process.startedAt.map { .integer($0.milliseconds) } ?? .null,
            "directory": folder.map { .string($0.string) } ?? .null,
            "port": routes.first?.port.map { .integer($0.number) } ?? .null,
            "cpu": usage.map { .decimal($0.cpu) } ?? .null,
            "memory": usage.map { .integer($0.memory) } ?? .null,
        ])
        if let folder { Self.describe(folder, &object) }
        return .object(object)
    }
}
