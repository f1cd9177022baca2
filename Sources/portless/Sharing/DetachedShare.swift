import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// `share --detach`: the same command as a process of its own, which reports that it shares.
struct DetachedShare {
    /// The tools' own limits are shorter.
    private static let patience = Duration.seconds(180)
    private static let passwordDescriptor = FileDescriptor(rawValue: 3)
    private static let longestPassword = 4096

    let context: CommandContext
    let app: SharedApp
    let request: SharingRequest

    func start(name: String, ttl: String?, password: String?) throws {
        let directory = try context.preparedStateDirectory()
        let (report, reporting) = try LocalSocket.pair()
        defer { try? report.close() }
        let secret = try Pipe()
        let words = ["share", name] + request.providers.map(\.flag) + ["--held"]
        var daemon = Daemon(
            executable: context.executable,
            arguments: words + (ttl.map { ["--ttl", $0] } ?? []),
            environment: context.environment(for: directory),
            log: "/dev/null",
        )
        daemon.name = "portless"
        daemon.workingDirectory = context.workingDirectory
        daemon.standardInput = reporting
        daemon.passedDescriptors = [secret.reading]
        let started = Result { try daemon.spawn() }
        try? reporting.close()
        try? secret.reading.close()
        // Shorter than what a pipe holds, so that this never waits.
        _ = try? secret.writing.writeAll(Array((password ?? "").utf8))
        try? secret.writing.close()
        let child = try started.get()
        let services = request.providers.map(\.title).joined(separator: ", ")
        context.console.say("Sharing \(app.hostname) by \(services)…")
        switch StartReport.receive(from: report, within: Self.patience) {
        case .ready?: break
        case .failed(let sentence, let remedy)?: throw Failure(sentence, remedy: remedy)
        case nil:
            child.send(.terminate)
            throw Failure("\(app.hostname) couldn't be shared in time.")
        }
        let records = try SharesStore(directory: directory).live().filter {
            $0.hostname == app.hostname && $0.holder.pid == child.pid
        }
        ShareAnnouncement(context: context, app: app).show(records, password: password)
        context.console.say("To end it: portless share --stop \(name)")
    }

    /// What the starter has written; nil where there is to be no password.
    static func receivedPassword() throws -> String? {
        var text: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: longestPassword, alignment: 1) { buffer in
            while text.count < longestPassword {
                let count = try passwordDescriptor.read(into: buffer)
                guard count > 0 else { break }
                text += buffer[..<count]
            }
        }
        try? passwordDescriptor.close()
        return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
}
