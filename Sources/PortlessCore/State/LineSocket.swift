package import HostSystem
package import SystemPackage

/// One end of a connection between two of our processes: JSON, one value a line.
package final class LineSocket {
    /// A peer that leaves more than this unread has stopped reading; no message is longer.
    private static let mostPending = 4 << 20

    package let descriptor: FileDescriptor
    package private(set) var isGone = false
    private var input = LineSplitter(longest: mostPending)
    private var output: [UInt8] = []

    package init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    package var interest: Poll.Interest { output.isEmpty ? .reading : [.reading, .writing] }
    package var hasOutput: Bool { !output.isEmpty }

    package func send(_ value: JSONValue) {
        guard !isGone else { return }
        output += Array(value.compact.utf8)
        output.append(0x0A)
        if output.count > Self.mostPending { isGone = true }
    }

    /// Writes as much as the socket takes.
    package func flush() {
        while !output.isEmpty, !isGone {
            let count = write()
            guard let count else { return }
            output.removeFirst(count)
        }
    }

    /// Reads the pending messages; a line that isn't JSON ends the connection.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> [JSONValue] {
        guard let count = read(into: buffer) else { return [] }
        var lines: [[UInt8]] = []
        input.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { lines.append(Array($0)) }
        let values = lines.compactMap { try? JSONValue(parsing: $0) }
        if values.count < lines.count { isGone = true }
        return values
    }

    package func close() {
        try? descriptor.close()
    }

    /// Nil if the socket takes nothing now.
    private func write() -> Int? {
        do {
            return try output.withUnsafeBytes { try LocalSocket.send($0, to: descriptor) }
        } catch {
            if !Self.isPassing(error) { isGone = true }
            return nil
        }
    }

    /// Nil if nothing is pending, or the peer is gone.
    private func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        do {
            let count = try descriptor.read(into: buffer)
            if count == 0 { isGone = true }
            return count == 0 ? nil : count
        } catch {
            if !Self.isPassing(error) { isGone = true }
            return nil
        }
    }

    private static func isPassing(_ error: any Error) -> Bool {
        [Errno.wouldBlock, .resourceTemporarilyUnavailable, .interrupted].contains(error as? Errno)
    }
}
