import ArgumentParser
import HostSystem
import PortlessCore
import Synchronization
import SystemPackage

/// The tools that wait: they do what `portless up --wait` and `portless wait` do.
extension MCPTools {
    private static let timeout = MCPTool.Parameter(
        name: "timeout",
        kind: .integer(1...600),
        summary: "In seconds; 60 unless given.",
    )

    var wait: MCPTool {
        MCPTool(
            name: "wait_for_app",
            title: "Wait for an app",
            summary: """
                Waits until an app answers requests, in the background or in a terminal, or one of \
                its processes has failed; tells the outcome (ready, crashed, timed-out, port-held, \
                not-found), URLs, and the last lines of what failed.
                """,
            parameters: [Self.app, Self.timeout],
        ) { arguments in
            let text = arguments.text("app") ?? ""
            let recorded = Talk()
            let report = try NameWait(
                context: recorded.taking(from: context),
                name: AppName(parsing: text),
                limit: WaitLimit(
                    seconds: arguments.integer("timeout") ?? WaitLimit.usualSeconds
                ),
                mayBeInterrupted: false,
            ).run()
            return result(report, recorded) { $0["name"]?.string == text.lowercased() }
        }
    }

    var up: MCPTool {
        MCPTool(
            name: "up",
            title: "Bring a project up",
            summary: """
                Runs what a project declares in the background, each process with its own port and \
                name, and returns when its servers answer, or one has failed; what runs already \
                stays.
                """,
            parameters: [Self.folder, Self.timeout],
            changes: true,
        ) { arguments in
            let folder = context.resolve(arguments.text("folder") ?? ".")
            guard (try? FileStatus.of(folder))?.isDirectory == true else {
                throw Failure("\(folder) is not a folder.")
            }
            let seconds = arguments.integer("timeout") ?? WaitLimit.usualSeconds
            let up = try UpCommand.parse(["--json", "--wait=\(seconds)"])
            let recorded = Talk()
            let report: WaitReport
            do {
                let context = recorded.taking(from: context.moved(to: folder))
                report = try up.report(context, mayBeInterrupted: false)
            } catch let error where !(error is CancellationError) {
                report = WaitReport(error)
            }
            return result(report, recorded) { app in
                app["supervised"]?["directory"]?.string == folder.string
            }
        }
    }

    private func result(
        _ report: WaitReport,
        _ recorded: Talk,
        of isMeant: (JSONValue) -> Bool,
    ) -> JSONObject {
        var result = report.json.object ?? [:]
        let isReady = report.outcome == .ready
        let apps = (try? client().get("/api/apps").array) ?? []
        result["done"] = .bool(isReady)
        result["online"] = .bool(isReady)
        result["timed_out"] = .bool(report.outcome == .timedOut)
        result["output"] = .string(recorded.text)
        result["app"] = apps.first(where: isMeant).map(Self.summary) ?? .null
        return result
    }
}

/// What a command says while a tool calls it: neither stream of the session is for that.
private final class Talk: Sendable {
    private static let limit = 10_000
    private let said = Mutex("")

    var text: String { said.withLock { $0 } }

    func taking(from context: CommandContext) -> CommandContext {
        let add: @Sendable (String) -> Void = { [self] text in
            said.withLock { $0 = String(($0 + text).suffix(Self.limit)) }
        }
        var context = context
        context.console = Console(style: .plain, output: add, talk: add)
        return context
    }
}
