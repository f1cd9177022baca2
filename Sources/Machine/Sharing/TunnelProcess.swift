package import HostSystem
package import PortlessCore
import Synchronization
package import SystemPackage

/// The process of a tunnel that this process has started, with what it wrote.
///
/// It has a session of its own, where Ctrl-C at the terminal doesn't reach it: who started it ends
/// it. A thread reads its output to the end, so that it never waits for a reader.
package final class TunnelProcess: Sendable {
    private struct State {
        var log: TunnelLog
        var isReaped = false
    }

    package let identity: ProcessIdentity
    private let child: ChildProcess
    private let state: Mutex<State>

    private init(_ child: ChildProcess, _ provider: SharingProvider) {
        self.child = child
        identity = child.identity
        state = Mutex(State(log: TunnelLog(provider)))
    }

    package static func start(
        _ executable: FilePath,
        _ arguments: [String],
        _ provider: SharingProvider,
        environment: [String: String],
        announcement: FileDescriptor?,
    ) throws -> TunnelProcess {
        let input = try NullDevice.open()
        defer { try? input.close() }
        let output = try Pipe()
        defer { try? output.writing.close() }
        var spawn = Spawn(
            executable: executable,
            arguments: arguments,
            environment: environment,
        )
        spawn.standardInput = input
        spawn.standardOutput = output.writing
        spawn.standardError = output.writing
        spawn.group = .ownSession
        spawn.announcement = announcement
        let tunnel: TunnelProcess
        do {
            tunnel = TunnelProcess(try spawn.start(), provider)
        } catch {
            try? output.reading.close()
            throw error
        }
        let reading = output.reading
        guard SystemThread.start({ tunnel.read(reading) }) else {
            try? reading.close()
            tunnel.end()
            throw SystemError("start a thread", errno: .resourceTemporarilyUnavailable)
        }
        return tunnel
    }

    package var log: TunnelLog { state.withLock { $0.log } }

    /// Whether it has exited by itself.
    package var hasEnded: Bool {
        state.withLock { state in
            guard !state.isReaped else { return true }
            guard case .ended? = try? child.change() else { return false }
            return true
        }
    }

    /// Ends it with its group, and reaps it.
    package func end() {
        state.withLock { state in
            guard !state.isReaped else { return }
            let group = ProcessGroup(of: child)
            _ = Escalation(grace: .seconds(3), afterForce: .seconds(1)).run(
                send: { group.send($0) || child.send($0) },
                isOver: { if case .ended? = try? child.change() { true } else { false } },
            )
            // What it has started itself, if anything.
            group.send(.kill)
            guard case .ended? = try? child.change() else { return }
            try? child.reap()
            state.isReaped = true
        }
    }

    private func read(_ descriptor: FileDescriptor) {
        var splitter = LineSplitter(longest: 8192)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)
        defer {
            buffer.deallocate()
            try? descriptor.close()
        }
        func take(_ line: UnsafeRawBufferPointer) {
            let text = String(decoding: line, as: UTF8.self)
            state.withLock { $0.log.take(text) }
        }
        while let count = try? descriptor.read(into: buffer), count > 0 {
            splitter.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), take)
        }
        splitter.finish(take)
    }
}
