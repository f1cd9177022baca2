import HTTPTypes
import HostSystem
import Hummingbird
import NIOCore
import PortlessCore

/// All routes of the server.
struct APIRouter {
    let services: ServerServices
    let streams: OpenStreams
    let sessions: Sessions
    let crashes: CrashWatcher
    let onRequest: OnRequestService
    let exposure: @Sendable () -> Exposure
    /// Checks the certificate's files.
    let reload: @Sendable () async -> Void
    let policy: @Sendable () -> AccessPolicy
    /// Opens the ports of features that are used.
    let features: FeatureListeners

    var responder: RouterResponder<APIContext> { responder(for: operations) }

    /// The routes of a feature's own port.
    func responder(of endpoint: CoreEndpoint) -> RouterResponder<APIContext> {
        switch endpoint {
        case .jobRunner:
            let agents = AgentOperations(services: services, streams: streams, startedAt: .now)
            let jobs = JobOperations(services: services, streams: streams, features: features)
            return responder(for: agents.operations + jobs.operations, hasPage: false)
        case .crashPage:
            let page = CrashPageOperations(services: services, watcher: crashes, streams: streams)
            return responder(for: operations + page.operations, startingAt: "crashes")
        default: return responder
        }
    }

    /// `view` is the part of the dashboard that its page begins with.
    private func responder(
        for operations: [Operation],
        hasPage: Bool = true,
        startingAt view: String? = nil,
    ) -> RouterResponder<APIContext> {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        let routes = OperationRoutes(
            operations: operations,
            work: services.requests,
            policy: policy,
        )
        router.add(
            middleware: ProblemMiddleware(policy: policy, methods: routes.methods) {
                Timestamp.now.text
            }
        )
        routes.add(to: router)
        guard hasPage else { return router.buildResponder() }
        DashboardRoutes(policy: policy, firstView: view).add(to: router)
        SessionRoutes(sessions: sessions).add(to: router)
        return router.buildResponder()
    }

    var operations: [Operation] {
        let apps = AppOperations(services: services, onRequest: onRequest)
        var all = HealthOperations(
            services: services,
            exposure: exposure,
            reload: reload,
            startedAt: .now,
        ).operations
        all += apps.operations
        all += RegistryOperations(services: services, apps: apps).operations
        all += LogOperations(services: services, apps: apps, streams: streams).operations
        all += PortOperations(services: services).operations
        all += PortMapOperations(services: services, exposure: exposure).operations
        all += DoctorOperations(services: services, exposure: exposure).operations
        all += DetectOperations(services: services, apps: apps).operations
        all += RouteOperations(services: services, apps: apps, streams: streams).operations
        all += BrowserOperations(services: services).operations
        all += BrowserPageOperations(services: services).operations
        all += TrafficOperations(services: services, streams: streams).operations
        all += CrashOperations(services: services, watcher: crashes).operations
        all += JobOperations(services: services, streams: streams, features: features).operations
        all += SessionOperations(sessions: sessions).operations
        all.append(description(of: all))
        return all
    }

    private func description(of others: [Operation]) -> Operation {
        var operation = Operation(
            method: .get,
            path: "/api/openapi.json",
            id: "getOpenAPI",
            summary: "This description.",
            answer: .object([.required("openapi", .text)], others: .allowed(.any)),
        ) { _ in .json(.null) }
        let document = OpenAPIDocument(
            operations: others + [operation],
            version: services.version,
        ).json
        operation.perform = { _ in .json(document) }
        return operation
    }
}

/// The context that a request carries through the router.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection from the listener, which ends when the client's does.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
