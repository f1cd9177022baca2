import HostSystem
import PortlessCore
import SystemPackage

extension Keeper {
    /// The most that is read of one pipe before the others get their turn.
    private static let mostReads = 16

    func readOutputs(of process: KeptProcess, _ ready: [FileDescriptor: Poll.Interest]) {
        for index in process.outputs.indices.reversed()
        where ready[process.outputs[index].reading] != nil {
            drain(index, of: process, atMost: Self.mostReads)
        }
    }

    /// Reads all pending output, as after an exit.
    func drainOutputs(of process: KeptProcess) {
        // A pipe holds less; a process that goes on writing gets its turn later.
        for index in process.outputs.indices.reversed() {
            drain(index, of: process, atMost: Self.mostReads)
        }
    }

    private func drain(_ index: Int, of process: KeptProcess, atMost limit: Int) {
        let stream = process.outputs[index].stream
        let take = { (line: UnsafeRawBufferPointer) in self.write(stream, line, of: process) }
        for _ in 0..<limit {
            switch process.outputs[index].read(into: buffer, take) {
            case .more: continue
            case .empty: return
            case .ended:
                process.outputs[index].finish(take)
                try? process.outputs.remove(at: index).reading.close()
                return
            }
        }
    }

    /// An unfinished last line comes before the keeper's note about the exit.
    func finishLines(of process: KeptProcess) {
        for index in process.outputs.indices {
            let stream = process.outputs[index].stream
            process.outputs[index].finish { self.write(stream, $0, of: process) }
        }
    }

    /// Writes the logs out, and notes failed writes to files of the project.
    func flushLog(of process: KeptProcess) {
        process.log.flush()
        let complaints = process.log.takeComplaints()
        guard !complaints.isEmpty else { return }
        for complaint in complaints { note(complaint, of: process) }
        process.log.flush()
    }

    func note(_ text: String, of process: KeptProcess) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        Array(line.utf8).withUnsafeBytes { write(.note, $0, of: process) }
    }

    private func write(
        _ stream: LogLine.Stream,
        _ text: UnsafeRawBufferPointer,
        of process: KeptProcess,
    ) {
        let (time, cursor) = process.log.append(stream, text)
        guard clients.contains(where: \.follows) else { return }
        let line = LogLine(
            process: process.name,
            time: Timestamp(microseconds: time),
            cursor: cursor,
            stream: stream,
            text: String(decoding: text, as: UTF8.self),
        )
        for client in clients where client.follows { client.send(.line(line)) }
    }
}

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
        } catch Errno.ioError {
            // A terminal that no process has open any more.
            return .ended
        } catch {
            return .empty
        }
    }

    /// Emits an unfinished last line.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        lines.finish(body)
    }
}
