import HostSystem
import NIOCore
import PortlessCore
import Proxy
import SystemPackage

/// Has the server start apps for the proxy's requests.
struct AppStarts: Sendable {
    let context: CommandContext

    /// What the server needs at most to say what it does.
    private static let patience = TimeAmount.seconds(20)

    var starter: AppStarter {
        { app, answer in
            let isAsked = SystemThread.start { answer(start(app)) }
            if !isAsked {
                answer(.refused(StartRefusal(detail: "The system has no thread left for that.")))
            }
        }
    }

    private func start(_ app: AppName) -> StartAnswer {
        do {
            guard let server = try ServerControl(context).recoveringClient() else {
                return .refused(
                    StartRefusal(
                        detail: """
                            Portless's server, which starts apps, isn't running. \
                            `portless server start` starts it, and so does `portless ps`.
                            """
                    )
                )
            }
            let answer = try server.post("/api/apps/\(app)/request", within: Self.patience)
            return StartAnswer(json: answer)
                ?? .refused(StartRefusal(detail: "The server's answer can't be understood."))
        } catch let failure as Failure {
            return .refused(StartRefusal(detail: failure.sentence))
        } catch {
            return .refused(StartRefusal(detail: "\(error)"))
        }
    }
}
