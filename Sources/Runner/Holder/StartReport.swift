import HostSystem
import PortlessCore
package import SystemPackage

/// A daemon's report to the process that started it: that it serves, or why it can't.
///
/// One line of JSON on a socket or a pipe, because the disk with the daemon's log may be full.
package enum StartReport: Hashable, Sendable {
    case ready(version: String)
    case failed(sentence: String, remedy: String?)

    init?(json: JSONValue) {
        if let version = json["ready"]?.string {
            self = .ready(version: version)
        } else if let sentence = json["error"]?.string {
            self = .failed(sentence: sentence, remedy: json["remedy"]?.string)
        } else {
            return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .ready(let version): .object(["ready": .string(version)])
        case .failed(let sentence, let remedy):
            .object(["error": .string(sentence), "remedy": remedy.map { .string($0) } ?? .null])
        }
    }

    /// Sends the report; a starter that has exited since doesn't need it.
    package func send(to descriptor: FileDescriptor = .standardInput) {
        _ = try? descriptor.writeAll((json.compact + "\n").utf8)
    }

    /// Waits for the report of the process at the other end.
    ///
    /// Nil where that process exits or closes its end without one, and after `limit`.
    package static func receive(
        from descriptor: FileDescriptor,
        within limit: Duration,
    ) -> StartReport? {
        let end = ContinuousClock.now + limit
        let socket = LineSocket(descriptor)
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
            while !socket.isGone {
                var poll = Poll()
                poll.add(descriptor, .reading)
                let left = ContinuousClock.now.duration(to: end)
                guard left > .zero else { return nil }
                guard !poll.wait(timeout: left).isEmpty else { continue }
                if let json = socket.receive(into: buffer).first { return StartReport(json: json) }
            }
            return nil
        }
    }
}
