package import HostSystem
import SystemPackage

/// A process whose standard output is read by the test.
package struct Captured {
    package let process: ChildProcess
    private let output: FileDescriptor

    /// Starts it with a pipe as its standard output.
    package init(_ spawn: Spawn) throws {
        let pipe = try Pipe()
        defer { try? pipe.writing.close() }
        var spawn = spawn
        spawn.standardOutput = pipe.writing
        do {
            process = try spawn.start()
        } catch {
            try? pipe.reading.close()
            throw error
        }
        output = pipe.reading
    }

    /// Runs a process to its end; what it printed, without the last line's end.
    package static func output(of spawn: Spawn) throws -> String {
        let captured = try Captured(spawn)
        let text = try captured.readAll()
        _ = try captured.process.wait()
        return text
    }

    /// Waits for the end of the output, that is, until no process holds the pipe any more.
    package func readAll() throws -> String {
        defer { try? output.close() }
        var bytes: [UInt8] = []
        while let byte = try readByte() { bytes.append(byte) }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for the next line; nil at the end of the output.
    package func readLine() throws -> String? {
        var bytes: [UInt8] = []
        while let byte = try readByte() {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private func readByte() throws -> UInt8? {
        var byte: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &byte) { try output.read(into: $0) }
        return count == 1 ? byte : nil
    }
}
