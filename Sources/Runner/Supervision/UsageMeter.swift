package import HostSystem
import PortlessCore

/// Measures the resources that processes and their descendants use.
package struct UsageMeter: Sendable {
    package struct Sample: Sendable {
        var time: ContinuousClock.Instant
        var processorTime: Duration
        package var cpu: Double
        package var memory: Int64
    }

    /// How long a measurement stays valid.
    private static let pause = Duration.seconds(1)

    private var samples: [ProcessIdentity: Sample] = [:]

    package init() {}

    /// What each of the processes uses; the others are forgotten.
    package mutating func samples(
        of processes: [ProcessIdentity],
        now: ContinuousClock.Instant,
    ) -> [ProcessIdentity: Sample] {
        let measured = processes.map { ($0, sample($0, startedAt: $0.startedAt, now: now)) }
        samples = Dictionary(measured) { first, _ in first }
        return samples
    }

    /// The apps with their processes' usage filled in.
    mutating func measured(
        _ apps: [SupervisedApp],
        now: ContinuousClock.Instant,
    ) -> [SupervisedApp] {
        var kept: [ProcessIdentity: Sample] = [:]
        let result = apps.map { app in
            var app = app
            for index in app.processes.indices {
                guard let identity = app.processes[index].identity else { continue }
                let sample = sample(identity, startedAt: app.processes[index].startedAt, now: now)
                kept[identity] = sample
                app.processes[index].cpu = sample.cpu
                app.processes[index].memory = sample.memory
            }
            return app
        }
        samples = kept
        return result
    }

    private func sample(
        _ identity: ProcessIdentity,
        startedAt: Timestamp?,
        now instant: ContinuousClock.Instant,
    ) -> Sample {
        let last = samples[identity]
        if let last, last.time.duration(to: instant) < Self.pause { return last }
        // Another process may have the PID by now.
        let pids = identity.isVerified ? ProcessChildren.withDescendants(of: identity.pid) : []
        let usage = ProcessUsage.sum(of: pids)
        // The first measurement covers its whole life.
        let age = startedAt?.duration(to: .now) ?? .zero
        let span = last.map { $0.time.duration(to: instant) } ?? age
        let used = usage.processorTime - (last?.processorTime ?? .zero)
        let cpu = span > .milliseconds(10) ? max(0, used / span) * 100 : 0
        return Sample(
            time: instant,
            processorTime: usage.processorTime,
            cpu: (cpu * 10).rounded() / 10,
            memory: usage.memory,
        )
    }
}
