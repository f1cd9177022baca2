import HostSystem
import SystemPackage

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Why a daemon couldn't start, told to the command that awaits it.
///
/// Its log may be on a disk that is full. A daemon reads nothing, so its standard input is the
/// writing end of a pipe, which nobody holds open on the other side once it is ready.
enum LastWords {
    private static let longest = 4096

    /// Tells whoever still listens; a standard input of any other kind is left alone.
    static func leave(_ error: any Error) {
        let pipe = FileDescriptor.standardInput
        guard fcntl(pipe.rawValue, F_GETFL) & O_ACCMODE == O_WRONLY, PipeReader.isThere(pipe)
        else { return }
        let text = Failure.lines(for: error, style: .plain).joined(separator: "\n")
        _ = try? pipe.writeAll(text.utf8.prefix(longest))
    }

    /// What a daemon that has ended left in its pipe.
    static func read(from pipe: FileDescriptor) -> String {
        // Something that it started may hold the other end.
        guard (try? NonBlocking.set(pipe)) != nil else { return "" }
        var bytes = [UInt8](repeating: 0, count: longest)
        let count = (try? bytes.withUnsafeMutableBytes { try pipe.read(into: $0) }) ?? 0
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
