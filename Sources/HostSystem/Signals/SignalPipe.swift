import CHostSystem
package import SystemPackage

/// Signals as bytes of a pipe, for a loop that waits for descriptors.
package struct SignalPipe: Sendable {
    /// Becomes readable when a signal arrived.
    package let reading: FileDescriptor

    /// Takes over the signals, once in a process; one to a broken pipe is ignored from now on.
    package init(_ signals: Set<Signal>) throws(SystemError) {
        let numbers = signals.map(\.rawValue)
        var descriptor: Int32 = -1
        let failure = chs_signal_pipe(numbers, Int32(numbers.count), &descriptor)
        guard failure == 0 else {
            throw SystemError("take over signals", errno: Errno(rawValue: failure))
        }
        reading = FileDescriptor(rawValue: descriptor)
        // A parent can hand down a mask in which they are blocked.
        SignalMask(signals).unblock()
    }

    /// The signals since the last call.
    package func received() -> Set<Signal> {
        var signals: Set<Signal> = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while let count = try? buffer.withUnsafeMutableBytes({ try reading.read(into: $0) }),
            count > 0
        {
            for byte in buffer[..<count] { signals.insert(Signal(rawValue: Int32(byte))) }
            if count < buffer.count { break }
        }
        return signals
    }
}
