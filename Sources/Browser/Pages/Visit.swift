import HostSystem
package import PortlessCore
import Synchronization

/// One navigation of a tab: which requests of it may go on, and what came of it.
///
/// Redirects ask again before they are followed, and each answer's peer is judged, because a name
/// may have another address for the browser than it had for us.
struct Visit {
    enum Action: Equatable {
        case goOn(request: String)
        case refuse(request: String)
    }

    let rule: NavigationRule
    let session: String
    /// The tab's own frame; what a page embeds is the page's affair.
    let frame: String
    private(set) var refusal: NavigationRefusal?

    init(rule: NavigationRule, session: String, frame: String) {
        self.rule = rule
        self.session = session
        self.frame = frame
    }

    mutating func take(_ event: DevToolsEvent) -> Action? {
        guard event.session == session else { return nil }
        let parameters = event.parameters
        switch event.method {
        case "Fetch.requestPaused":
            guard let request = parameters["requestId"]?.string else { return nil }
            guard parameters["frameId"]?.string == frame else { return .goOn(request: request) }
            do throws(NavigationRefusal) {
                _ = try rule.target(of: parameters["request"]?["url"]?.string ?? "")
                return .goOn(request: request)
            } catch {
                refusal = refusal ?? error
                return .refuse(request: request)
            }
        case "Network.responseReceived":
            guard parameters["type"]?.string == "Document" else { return nil }
            judge(parameters["response"], of: parameters)
        case "Network.requestWillBeSent": judge(parameters["redirectResponse"], of: parameters)
        default: break
        }
        return nil
    }

    private mutating func judge(_ response: JSONValue?, of parameters: JSONObject) {
        guard parameters["frameId"]?.string == frame,
            let peer = response?["remoteIPAddress"]?.string, !peer.isEmpty,
            let url = response?["url"]?.string
        else { return }
        do throws(NavigationRefusal) {
            try rule.judge(peer: peer, of: url)
        } catch {
            refusal = refusal ?? error
        }
    }
}

/// Why a page that callers may see didn't open.
package struct PageFailure: Error, Hashable, CustomStringConvertible {
    package let url: String
    /// As browsers write it: `net::ERR_CERT_AUTHORITY_INVALID`.
    package let reason: String

    package var description: String { "The browser can't open \(url): \(reason)." }
}

extension DevToolsEndpoint {
    private static let patience = Duration.seconds(30)

    /// Opens a page in the first tab and waits until it is loaded, or for half a minute.
    package func visit(
        _ target: NavigationRule.Target,
        by rule: NavigationRule,
    ) async throws -> JSONObject {
        let watch = VisitWatch()
        return try await connected(
            taking: { watch.take($0, $1) },
            perform: { connection in
                let page = try await BrowserPage.first(of: connection)
                _ = try await page.call("Page.enable")
                _ = try await page.call("Network.enable")
                let frame = try await page.call("Page.getFrameTree")["frameTree"]?["frame"]?["id"]
                watch.begin(
                    Visit(rule: rule, session: page.session, frame: frame?.string ?? page.id)
                )
                let pattern: JSONValue = .object([
                    "urlPattern": .string("*"), "resourceType": .string("Document"),
                    "requestStage": .string("Request"),
                ])
                _ = try await page.call("Fetch.enable", ["patterns": .array([pattern])])
                let loaded = connection.expect(
                    "Page.loadEventFired",
                    session: page.session,
                    within: Self.patience,
                )
                let answer = try await page.call(
                    "Page.navigate",
                    ["url": .string(target.url)],
                    within: Self.patience,
                )
                // A download leaves the tab as it is, which the protocol calls an aborted navigation.
                let isDownload = answer["isDownload"]?.bool ?? false
                let failure = answer["errorText"]?.string.flatMap { reason in
                    isDownload
                        ? nil
                        : PageFailure(
                            url: URLParts.shown(target.url),
                            reason: reason.visibleLine,
                        )
                }
                let isLoaded = failure == nil && !isDownload ? try await loaded() : false
                if let refusal = watch.refusal {
                    _ = try await page.call("Page.navigate", ["url": .string("about:blank")])
                    throw refusal
                }
                if let failure { throw failure }
                var result = try await page.description()
                result["loaded"] = .bool(isLoaded)
                result["download"] = .bool(isDownload)
                return result
            },
        )
    }
}

/// Carries out what a visit decides, on the event loop of its connection.
private final class VisitWatch: Sendable {
    private let visit = Mutex<Visit?>(nil)

    var refusal: NavigationRefusal? { visit.withLock { $0?.refusal } }

    func begin(_ new: Visit) { visit.withLock { $0 = new } }

    func take(_ event: DevToolsEvent, _ connection: DevToolsConnection) {
        // A page waits for the answer to its alert, and no user is there to give it.
        if event.method == "Page.javascriptDialogOpening" {
            connection.tell(
                "Page.handleJavaScriptDialog",
                ["accept": .bool(true)],
                session: event.session,
            )
            return
        }
        switch visit.withLock({ $0?.take(event) }) {
        case .goOn(let request):
            connection.tell(
                "Fetch.continueRequest",
                ["requestId": .string(request)],
                session: event.session,
            )
        case .refuse(let request):
            connection.tell(
                "Fetch.failRequest",
                ["requestId": .string(request), "errorReason": .string("BlockedByClient")],
                session: event.session,
            )
        case nil: break
        }
    }
}
