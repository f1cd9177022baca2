import NIOCore
package import PortlessCore

/// Asks the server to start an app, on a thread of its own, and passes its answer on.
///
/// Called on an event loop, so it must not block; the answer may come on any thread, but once.
package typealias AppStarter =
    @Sendable (AppName, _ answer: @escaping @Sendable (StartAnswer) -> Void) -> Void

/// The start of an app that its requests ask for, as one event loop sees it.
///
/// However many requests there are, one question to the server is under way at a time, and none for a
/// while after an answer.
final class RequestedStart {
    private enum State {
        case asleep
        case asked
        /// The server starts it; the app is known by its routes as soon as they are there.
        case coming(since: NIODeadline)
        case refused(StartRefusal, since: NIODeadline)
    }

    /// How long an answer of the server holds.
    private static let answerTime = TimeAmount.seconds(1)

    let name: StartableName
    private unowned let loop: ProxyLoop
    private var state = State.asleep

    init(_ name: StartableName, loop: ProxyLoop) {
        self.name = name
        self.loop = loop
    }

    /// Why a request finds no app now; asks the server again where its last answer is old and
    /// requests wait for the app.
    func standing() -> UpstreamFailure {
        switch state {
        case .asleep: return .asleep
        case .asked: return .booting
        case .coming(let since):
            if NIODeadline.now() - since >= Self.answerTime { ask() }
            return .booting
        case .refused(let refusal, let since):
            guard NIODeadline.now() - since >= Self.answerTime else { return .notStarted(refusal) }
            state = .asleep
            return .asleep
        }
    }

    /// Has the app started for a request, if it is one that may do that.
    func begin(for request: PageRequest) -> UpstreamFailure {
        let standing = standing()
        guard standing == .asleep, request.startsApps(visitsOnly: name.isForVisits) else {
            return standing
        }
        ask()
        return .booting
    }

    /// Has the app started for requests that wait already.
    func wake() {
        if case .asleep = state { ask() }
    }

    private func ask() {
        guard let starter = loop.starter else { return }
        state = .asked
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        starter(name.app) { answer in
            bound.eventLoop.execute { bound.value.take(answer) }
        }
    }

    private func take(_ answer: StartAnswer) {
        switch answer {
        case .coming: state = .coming(since: .now())
        case .refused(let refusal): state = .refused(refusal, since: .now())
        }
    }
}

extension PageRequest {
    /// What browsers and crawlers ask for by themselves.
    private static let ownPaths = [
        "/favicon.ico", "/robots.txt", "/apple-touch-icon",
        "/.well-known/appspecific/com.chrome.devtools.json",
    ]
    /// What a page shows beside its text and its data.
    private static let decorations: Set = ["image", "font", "manifest", "report"]

    /// Whether the request is a reason to start an app that sleeps.
    ///
    /// Not what a browser loads in advance or for its own purposes. `visitsOnly` also leaves out what
    /// a page that is still open asks for: its app was stopped by its user.
    func startsApps(visitsOnly: Bool) -> Bool {
        if fetch.purpose.lowercased().contains("prefetch") { return false }
        if Self.decorations.contains(fetch.destination.lowercased()) { return false }
        if Self.ownPaths.contains(where: path.hasPrefix) { return false }
        return !visitsOnly || fetch.mode.isEmpty || fetch.mode.lowercased() == "navigate"
    }
}

/// What a browser tells of the reason for a request (Fetch Metadata).
struct FetchFields {
    var mode = ""
    var destination = ""
    var purpose = ""

    /// Takes one of the request's fields; `value` is called only where it matters.
    mutating func take(_ name: String, _ value: () -> String) {
        switch name {
        case "sec-fetch-mode": mode = value()
        case "sec-fetch-dest": destination = value()
        case "sec-purpose", "purpose", "x-moz": purpose += value()
        default: break
        }
    }
}

extension ProxyLoop {
    /// Has an app that sleeps started for the request that found it so; any other reason stays.
    func reason(
        _ reason: UpstreamFailure,
        of upstream: Upstream?,
        for request: @autoclosure () -> PageRequest,
    ) -> UpstreamFailure {
        guard reason == .asleep, let start = upstream?.start else { return reason }
        return start.begin(for: request())
    }
}
