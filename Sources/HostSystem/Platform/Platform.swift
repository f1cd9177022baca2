import CLibrary

/// The operating system that this process runs on.
package enum Platform {
    /// Whether this is macOS, where containers run in a virtual machine.
    package static var isDarwin: Bool {
        #if canImport(Darwin)
        true
        #else
        false
        #endif
    }

    /// Its name, version and processor, such as `Linux 6.1.0 x86_64`.
    package static var description: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return [text(names.sysname), text(names.release), text(names.machine)]
            .joined(separator: " ")
    }

    /// Fixed-size arrays of C come as tuples.
    private static func text<Field>(_ field: Field) -> String {
        withUnsafeBytes(of: field) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// The name of this computer.
package enum SystemName {
    package static var host: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(nullTerminated: buffer)
    }
}

extension String {
    /// The text in a C buffer up to its null byte.
    init(nullTerminated buffer: some Sequence<CChar>) {
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        self.init(decoding: bytes, as: UTF8.self)
    }
}
