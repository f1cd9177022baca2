package import Browser
import HTTPTypes
import HostSystem
package import PortlessCore
import Runner
import SystemPackage

/// How the managed browser is started, which the command line knows.
package struct BrowserStart: Sendable {
    /// The plan of its app; throws what stands in the way.
    package var plan: @Sendable () throws -> SupervisionPlan
    /// The ports that the next start takes.
    package var ports: @Sendable () throws -> BrowserPorts

    package init(
        plan: @escaping @Sendable () throws -> SupervisionPlan = {
            throw Problem(409, code: "NO_BROWSER", "This server can't start a browser.")
        },
        ports: @escaping @Sendable () throws -> BrowserPorts = { .standard },
    ) {
        self.plan = plan
        self.ports = ports
    }
}

/// The operations that start, stop and describe the managed browser, in the original's paths.
struct BrowserOperations {
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(100)

    let services: ServerServices

    var operations: [Operation] {
        [status, health, process, logs, downloads, readConfig, writeConfig]
            + [change("launch"), change("stop"), change("restart")]
    }

    private func read(
        _ path: String,
        _ id: String,
        _ summary: String,
        answer: Schema,
        _ perform: @escaping @Sendable (ManagedBrowser) async throws -> JSONValue,
    ) -> Operation {
        Operation(
            method: .get,
            path: "/api/browser/\(path)",
            id: id,
            summary: summary,
            answer: answer,
        ) { _ in .json(try await perform(ManagedBrowser(services))) }
    }

    // MARK: State

    private var status: Operation {
        read(
            "status",
            "getBrowserStatus",
            "Whether the managed browser runs, and by which ports it is reached.",
            answer: ManagedBrowser.statusSchema,
        ) { browser in await browser.status() }
    }

    private var health: Operation {
        read(
            "health",
            "getBrowserHealth",
            "What the browser's own health port answers; the status here is always 200.",
            answer: BrowserHealth.schema,
        ) { browser in browser.health(await browser.endpoint.look()) }
    }

    private var process: Operation {
        read(
            "process",
            "getBrowserProcess",
            "The process that keeps the browser, in the shape of PM2's list.",
            answer: AppSchemas.processStatus,
        ) { browser in
            CatalogApp(supervised: browser.app).status(of: ManagedBrowser.process, now: .now)
        }
    }

    private var logs: Operation {
        read(
            "logs",
            "getBrowserLogs",
            "The last 200 lines of the browser and its keeper.",
            answer: .object([
                .required("lines", .array(.told(LogLine.shape))), .required("logs", .text),
            ]),
        ) { browser in
            guard let app = browser.app else {
                return .object(["lines": .array([]), "logs": .string("")])
            }
            let lines = Array(
                try await services.supervisor.logs(app.name, ManagedBrowser.process, last: 200)
            )
            return .object([
                "lines": .array(lines.map(\.json)),
                "logs": .string(lines.map(\.text).joined(separator: "\n")),
            ])
        }
    }

    private static let mostDownloads = 1000

    private var downloads: Operation {
        read(
            "downloads",
            "listBrowserDownloads",
            "The files that the browser has downloaded.",
            answer: .object([
                .required("directory", .text),
                .required(
                    "files",
                    .array(
                        .object([
                            .required("name", .text), .required("size", .integer()),
                            .required("modified", .text),
                        ])
                    ),
                ),
            ]),
        ) { browser in
            let folder =
                browser.settings.downloads ?? BrowserFolder(in: services.directory).downloads
            let names = DirectoryListing.names(folder, limit: Self.mostDownloads).sorted()
            let files = names.compactMap { name -> JSONValue? in
                guard
                    let status = try? FileStatus.of(folder.appending(name), followingLinks: false),
                    status.isRegularFile
                else { return nil }
                let modified = Timestamp(seconds: status.modified / 1_000_000_000)
                return .object([
                    "name": .string(name), "size": .integer(status.size),
                    "modified": .string(modified.text),
                ])
            }
            return .object(["directory": .string(folder.string), "files": .array(files)])
        }
    }

    // MARK: Changes

    private func change(_ verb: String) -> Operation {
        Operation(
            method: .post,
            path: "/api/browser/\(verb)",
            id: "\(verb)Browser",
            summary: "Has the managed browser \(verb), and returns its status afterwards.",
            access: .change,
            body: .object([]),
            answer: ManagedBrowser.statusSchema,
            refusals: [409, 502],
        ) { _ in
            let name = try ManagedBrowser.name()
            if verb != "launch" {
                guard (try? await services.supervisor.app(name)) != nil else {
                    throw Problem(409, code: "NOT_RUNNING", "\(BrowserAbsence())")
                }
            }
            switch verb {
            case "stop": _ = try await services.supervisor.stop(name, nil)
            case "restart":
                _ = try await services.supervisor.restart(name, nil)
                try await awaitStart()
            default: try await launch()
            }
            return .json(try await ManagedBrowser(services).status())
        }
    }

    private func launch() async throws {
        guard try await ManagedBrowser(services).process?.state.isActive != true else {
            return try await awaitStart()
        }
        let plan: SupervisionPlan
        do {
            plan = try services.browser.plan()
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(409, code: "CANNOT_START", "\(error)")
        }
        _ = try await services.supervisor.up(plan, only: nil)
        try await awaitStart()
    }

    /// Waits until the browser answers or has failed.
    private func awaitStart() async throws {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            let browser = try await ManagedBrowser(services)
            guard browser.process?.state == .starting else { return }
            try await Task.sleep(for: Self.pause)
        }
    }
}
