import HostSystem
import Runner
import Synchronization
import SystemPackage

/// Passes on what several apps write, line by line, each after its app's name.
final class PrefixedOutput {
    private let style: TextStyle
    /// Held while a line is written, so that lines never mix.
    private let line = Line()
    /// Gets a byte when the output of an app has ended.
    private let ends: Pipe
    private var openCount = 0

    private final class Line: Sendable {
        let lock = Mutex(())
    }

    init(style: TextStyle) throws {
        self.style = style
        ends = try Pipe()
    }

    /// What an app shall write to; the caller closes both once the app has them.
    func pipes(for label: String, index: Int) throws -> ForegroundRun.Outputs {
        let prefix = LinePrefix(label: label, index: index, isColored: style.isColored)
        let output = try pipe(to: .standardOutput, prefix)
        do {
            return .init(output: output, error: try pipe(to: .standardError, prefix))
        } catch {
            try? output.close()
            throw error
        }
    }

    private func pipe(to end: FileDescriptor, _ prefix: LinePrefix) throws -> FileDescriptor {
        let output = try Pipe()
        let isStarted = SystemThread.start { [line, ends] in
            Self.pass(on: output.reading, to: end, Array(prefix.text.utf8), line)
            try? output.reading.close()
            _ = try? ends.writing.writeAll([0])
        }
        guard isStarted else {
            try? output.reading.close()
            try? output.writing.close()
            throw SystemError("start a thread", errno: .resourceTemporarilyUnavailable)
        }
        openCount += 1
        return output.writing
    }

    /// Waits until all that was written has been passed on.
    func finish() {
        var byte: UInt8 = 0
        while openCount > 0,
            let count = try? withUnsafeMutableBytes(of: &byte, { try ends.reading.read(into: $0) })
        {
            openCount -= count
        }
    }

    private static func pass(
        on reading: FileDescriptor,
        to end: FileDescriptor,
        _ prefix: [UInt8],
        _ line: Line,
    ) {
        var splitter = LineSplitter()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        func write(_ text: UnsafeRawBufferPointer) {
            let bytes = prefix + text + [UInt8(ascii: "\n")]
            // A reader that has gone is no reason to end the apps.
            line.lock.withLock { _ in _ = try? end.writeAll(bytes) }
        }
        while let count = try? reading.read(into: buffer), count > 0 {
            splitter.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), write)
        }
        splitter.finish(write)
    }
}

/// What stands in front of each line of an app's output.
struct LinePrefix: Sendable {
    /// Cyan, magenta, green, yellow, blue, red: those that read well on light and dark.
    private static let colors = [36, 35, 32, 33, 34, 31]

    let styled: StyledText

    var text: String { styled.text }

    init(label: String, index: Int, isColored: Bool) {
        let color = Self.colors[index % Self.colors.count]
        styled = TextStyle(isColored: isColored).colored("[\(label.visibleLine)]", color) + " "
    }
}
