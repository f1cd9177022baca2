import HostSystem
import PortlessCore
import SystemPackage

/// The end of a process's output that its keeper reads.
struct OutputPipe {
    let stream: LogLine.Stream
    let reading: FileDescriptor
    private var lines = LineSplitter()

    init(stream: LogLine.Stream, reading: FileDescriptor) {
        self.stream = stream
        self.reading = reading
    }

    enum Progress {
        /// More output may be pending.
        case more
        /// No output is pending.
        case empty
        /// No process has the other end open any more.
        case ended
    }

    /// Reads one buffer full and emits its lines.
    mutating func read(
        into buffer: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Void,
    ) -> Progress {
        do {
            let count = try reading.read(into: buffer)
            guard count > 0 else { return .ended }
            lines.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), body)
            return .more
        } catch {
            return .empty
        }
    }

    /// Emits an unfinished last line.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        lines.finish(body)
    }
}
