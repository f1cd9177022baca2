import Logging
import NIOCore
import PortlessCore

/// The answers to logins that apps of git worktrees have begun; see `LoginRelay`.
extension ProxyLoop {
    /// The largest form that is read before it is decided where it goes.
    static let longestForm = 12 << 10

    /// Looks at an answer that may send the browser to a provider.
    @inline(never)
    func noteLogin(_ response: ResponseHead, _ bytes: Span<UInt8>, from upstream: Upstream?) {
        guard upstream?.isOfWorktree == true, let route = upstream?.route,
            let location = response.location(bytes), let start = LoginStart(url: location)
        else { return }
        record(start, begunBy: route)
    }

    /// The same for a short piece of JSON.
    @inline(never)
    func noteLogin(json: ByteBuffer, from upstream: Upstream?) {
        guard let route = upstream?.route, json.readableBytes <= Self.longestForm,
            let start = LoginStart(json: String(buffer: json))
        else { return }
        record(start, begunBy: route)
    }

    /// Whether the body of an answer may tell of a login.
    func mayTellLogin(
        _ response: ResponseHead,
        _ bytes: Span<UInt8>,
        from upstream: Upstream?,
    ) -> Bool {
        upstream?.isOfWorktree == true && response.isJSON(bytes)
    }

    private func record(_ start: LoginStart, begunBy route: Route) {
        // Visitors of a shared app can't reach the names of this machine.
        guard configuration.gate == nil,
            let target = start.target(begunBy: route, among: router.currentRoutes())
        else { return }
        logins.record(start, target: target)
        logger.info("\(route.hostname) begins a login; its answer goes on to \(target)")
    }

    @inline(never)
    func expectsForm(authority: String, target: String) -> Bool {
        LoginCallback(authority: authority, target: target).map(logins.expectsForm) ?? false
    }

    /// The name of a worktree that a request belongs to as the answer to a login; `form` is the
    /// request's body, if it was read.
    @inline(never)
    func loginTarget(authority: String, target: String, form: String?) -> Hostname? {
        guard let callback = LoginCallback(authority: authority, target: target) else { return nil }
        let state =
            QueryFields(target: target)["state"] ?? form.flatMap { QueryFields($0)["state"] }
        guard let state, !state.isEmpty,
            let name = logins.target(of: callback, state: Array(state.utf8)),
            router.currentRoutes().contains(where: { $0.hostname == name })
        else { return nil }
        return name
    }
}

extension ResponseHead {
    /// Whether the answer sends the browser elsewhere.
    var isRedirect: Bool { status >= 301 && status <= 308 && status != 304 }

    fileprivate func location(_ bytes: Span<UInt8>) -> String? {
        let field = fields.first { field in
            field.name.count == 8 && bytes.matches("location", at: field.name.start)
        }
        return field.map { String(copying: bytes, $0.value) }
    }

    fileprivate func isJSON(_ bytes: Span<UInt8>) -> Bool {
        fields.contains { field in
            field.known == .other && field.name.count == 12
                && bytes.matches("content-type", at: field.name.start)
                && field.value.count >= 16
                && bytes.matches("application/json", at: field.value.start)
        }
    }
}

extension RequestHead {
    /// The length of a body that is a form of known and moderate size; nil for any other request.
    func formLength(_ bytes: Span<UInt8>) -> Int? {
        guard case .length(let length) = framing, length <= ProxyLoop.longestForm,
            !expectsContinue, length + self.length < HeadScanner.maximumSize
        else { return nil }
        let isForm = fields.contains { field in
            field.known == .other && field.name.count == 12
                && bytes.matches("content-type", at: field.name.start)
                && field.value.count >= 33
                && bytes.matches("application/x-www-form-urlencoded", at: field.value.start)
        }
        return isForm ? length : nil
    }
}
