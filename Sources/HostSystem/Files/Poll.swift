import CLibrary
package import SystemPackage

/// Waiting for several descriptors at once.
package struct Poll: Sendable {
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let reading = Interest(rawValue: 1)
        package static let writing = Interest(rawValue: 2)
    }

    private static let failurePause = Duration.milliseconds(100)

    private var entries: [pollfd] = []

    package init() {}

    package mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
    }

    package mutating func add(_ descriptor: FileDescriptor, _ interest: Interest) {
        var events: Int16 = 0
        if interest.contains(.reading) { events |= Int16(POLLIN) }
        if interest.contains(.writing) { events |= Int16(POLLOUT) }
        entries.append(pollfd(fd: descriptor.rawValue, events: events, revents: 0))
    }

    /// As `wait`, on a copy.
    package func ready(timeout: Duration?) -> [FileDescriptor: Interest] {
        var copy = self
        return copy.wait(timeout: timeout)
    }

    /// Waits until one of them is ready, a signal arrives or `timeout` (nil: never) is over.
    ///
    /// A descriptor whose other end is gone counts as ready for reading.
    package mutating func wait(timeout: Duration?) -> [FileDescriptor: Interest] {
        // Rounded up: a deadline must be over when the loop looks at it.
        let limit = timeout.map { duration -> Int32 in
            let (seconds, attoseconds) = max(duration, .zero).components
            let milliseconds = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            return Int32(clamping: min(seconds, 86_400) * 1000 + milliseconds)
        }
        let count = poll(&entries, nfds_t(entries.count), limit ?? -1)
        if count < 0, Errno.current != .interrupted {
            // Too little memory, or a limit below the number of descriptors: calling again at once
            // would only keep the processor busy.
            SystemClock.sleep(for: min(timeout ?? Self.failurePause, Self.failurePause))
        }
        guard count > 0 else { return [:] }
        var ready: [FileDescriptor: Interest] = [:]
        for entry in entries where entry.revents != 0 {
            var interest: Interest = []
            if entry.revents & Int16(POLLIN | POLLHUP | POLLERR | POLLNVAL) != 0 {
                interest.insert(.reading)
            }
            if entry.revents & Int16(POLLOUT) != 0 { interest.insert(.writing) }
            ready[FileDescriptor(rawValue: entry.fd)] = interest
        }
        return ready
    }
}
