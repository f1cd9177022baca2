import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// Publishes every change of the supervisor's apps and of the state files, and what the apps use.
struct EventFeed {
    private static let interval = Duration.milliseconds(500)
    private static let usageInterval = Duration.seconds(2)

    let services: ServerServices
    let streams: OpenStreams

    /// Works until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await tellOfApps() }
            group.addTask { await tellOfJobs() }
            group.addTask { await tellOfFiles() }
            group.addTask { await tellOfUsage() }
        }
    }

    private func tellOfApps() async {
        var hasMissed = false
        while !Task.isCancelled {
            let events = await services.supervisor.events()
            // The stream before it ended because we didn't keep up.
            if hasMissed { streams.publish(ServerSentEvent("resync", .object([:]))) }
            for await event in events { streams.publish(ServerSentEvent(event)) }
            hasMissed = true
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private func tellOfJobs() async {
        guard let jobs = services.jobs else { return }
        while !Task.isCancelled {
            for await event in await jobs.changes() {
                switch event {
                case .app(let app): await tell(of: app.name, jobs)
                case .process(let id, _): await tell(of: id, jobs)
                case .removed: streams.publish(ServerSentEvent("jobs", .object([:])))
                }
            }
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private func tell(of id: AppName, _ jobs: JobRunner) async {
        guard streams.subscriberCount > 0,
            let job = try? await jobs.job(id.description)
        else { return }
        streams.publish(
            ServerSentEvent("job", .object(["id": .string(id.description), "job": job.json]))
        )
    }

    /// Measured only while there are subscribers.
    private func tellOfUsage() async {
        while (try? await Task.sleep(for: Self.usageInterval)) != nil {
            guard streams.subscriberCount > 0 else { continue }
            let apps = await services.supervisor.apps()
            streams.publish(.usage(of: apps, at: .now))
        }
    }

    /// The files are checked only while there are subscribers.
    private func tellOfFiles() async {
        let directory = services.directory
        let files: [(name: String, path: FilePath)] = [
            ("routes", directory[.routes]), ("ports", directory[.leases]),
            ("apps", AppRegistry(directory: directory).path),
        ]
        var seen: [FileStatus?]?
        while (try? await Task.sleep(for: Self.interval)) != nil {
            guard streams.subscriberCount > 0 else {
                seen = nil
                continue
            }
            let now = files.map { try? FileStatus.of($0.path) }
            if let seen {
                for (index, file) in files.enumerated() where seen[index] != now[index] {
                    streams.publish(ServerSentEvent(file.name, .object([:])))
                }
            }
            seen = now
        }
    }
}

extension ServerSentEvent {
    /// The processor use and memory of all processes that run.
    static func usage(of apps: [SupervisedApp], at time: Timestamp) -> ServerSentEvent {
        var all = JSONObject()
        for app in apps {
            var processes = JSONObject()
            for process in app.processes where process.identity != nil {
                guard let cpu = process.cpu, let memory = process.memory else { continue }
                processes[process.name] = .object([
                    "cpu": .decimal(cpu), "memory": .integer(memory),
                ])
            }
            if !processes.isEmpty { all[app.name.description] = .object(processes) }
        }
        return ServerSentEvent(
            "usage",
            .object(["at": .integer(time.milliseconds), "apps": .object(all)]),
        )
    }

    init(_ event: SupervisorEvent) {
        switch event {
        case .app(let app): self.init("app", app.json)
        case .process(let app, let process):
            self.init(
                "process",
                .object(["app": .string(app.description), "process": process.json]),
            )
        case .removed(let app): self.init("removed", .object(["app": .string(app.description)]))
        }
    }
}
