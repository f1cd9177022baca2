import Logging

/// An answer that the proxy gives itself.
enum OwnAnswer: Equatable {
    case missingHost
    case notFound
    case loop
    case redirect
    case refused(HeadError)
    case failed(UpstreamFailure)
    case invalidHandshake
}

extension ProxyLoop {
    /// Makes the page of an answer, and logs problems that concern the user.
    func page(_ answer: OwnAnswer, to request: PageRequest, from upstream: Upstream?) -> Page {
        let pages = Pages(configuration: configuration)
        switch answer {
        case .missingHost: return pages.missingHost()
        case .notFound: return pages.notFound(request, routes: router.currentRoutes())
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
