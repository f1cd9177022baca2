import HostSystem
import Logging
import PortlessCore

/// An answer that the proxy gives itself.
enum OwnAnswer: Equatable {
    case missingHost
    case notFound
    case ambiguousPath
    /// The answer to a login that the app of a worktree has begun.
    case relayed(to: Hostname)
    case loop
    case redirect
    case refused(HeadError)
    case failed(UpstreamFailure)
    case invalidHandshake
}

extension ProxyLoop {
    /// Makes the page of an answer, and logs problems that concern the user.
    func page(_ answer: OwnAnswer, to request: PageRequest, from upstream: Upstream?) -> Page {
        if let gate { return gate.page(for: answer) }
        let pages = Pages(configuration: configuration)
        if answer == .notFound || answer == .redirect, let page = pages.hostsSync(request) {
            return page
        }
        switch answer {
        case .missingHost: return pages.missingHost()
        case .notFound: return pages.notFound(request, routes: router.liveRoutes())
        case .ambiguousPath: return pages.ambiguousPath(request)
        case .relayed(let name):
            logger.info("\(request.host): the answer to a login goes on to \(name)")
            return pages.relayed(request, to: name)
        case .loop:
            logger.warning("Loop detected for \(request.host)")
            return pages.loop(request, upstream: upstream?.route)
        case .redirect: return pages.redirect(request)
        case .refused(let error): return pages.refused(error)
        case .failed(let reason):
            guard let upstream else { return pages.notFound(request, routes: []) }
            logger.warning("Proxy error for \(upstream.name): \(reason)")
            return pages.failed(request, by: upstream, reason)
        case .invalidHandshake: return pages.invalidHandshake()
        }
    }
}
