import SystemPackage

#if canImport(Darwin)
import Darwin
#endif

/// The run of the operating system from its start to its end, by which process IDs of different
/// runs are told apart.
package enum BootSession {
    /// The same for as long as the system runs; nil if it doesn't tell.
    package static let id: String? = read()

    private static func read() -> String? {
        #if canImport(Darwin)
        var size = 64
        var buffer = [CChar](repeating: 0, count: size)
        guard sysctlbyname("kern.bootsessionuuid", &buffer, &size, nil, 0) == 0 else { return nil }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
        #else
        guard let bytes = try? AtomicFile.read("/proc/sys/kernel/random/boot_id") else {
            return nil
        }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        #endif
    }
}
