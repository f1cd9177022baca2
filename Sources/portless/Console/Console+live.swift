import HostSystem
import SystemPackage

extension Console {
    /// The process's own standard output and error.
    static func live(style: TextStyle) -> Console {
        Console(
            style: style,
            isOutputVerbatim: Terminal(descriptor: .standardOutput) == nil,
            output: { write($0, to: .standardOutput) },
            talk: { write($0, to: .standardError) },
        )
    }

    private static func write(_ text: String, to descriptor: FileDescriptor) {
        // A reader that has gone (`portless list | head -1`) is no reason to fail.
        _ = try? descriptor.writeAll(Array(text.utf8))
    }
}
