import CHostSystem
package import SystemPackage

/// Stream sockets that live in the file system, for processes of one user; none of them blocks.
package enum LocalSocket {
    /// Listens as a file of mode 0600 in place of an older one.
    package static func listen(
        in directory: FilePath,
        as name: String,
    ) throws(SystemError) -> FileDescriptor {
        try open(name, in: directory, listens: true)
    }

    package static func connect(
        in directory: FilePath,
        to name: String,
    ) throws(SystemError) -> FileDescriptor {
        try open(name, in: directory, listens: false)
    }

    /// Two connected sockets without a name, which block and which no child inherits unless they
    /// are passed to it.
    package static func pair() throws(SystemError) -> (FileDescriptor, FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        let failure = chs_socket_pair(&ends)
        guard failure == 0 else {
            throw SystemError("connect two sockets", errno: Errno(rawValue: failure))
        }
        return (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
    }

    /// The next connection; nil if none waits.
    package static func accept(
        _ listener: FileDescriptor
    ) throws(SystemError) -> FileDescriptor? {
        while true {
            var descriptor: Int32 = -1
            let failure = Errno(rawValue: chs_accept(listener.rawValue, &descriptor))
            switch failure {
            case Errno(rawValue: 0): return FileDescriptor(rawValue: descriptor)
            case .wouldBlock: return nil
            // The peer has gone away meanwhile; there may be another one.
            case .interrupted, .connectionAbort: continue
            default: throw SystemError("take a connection", errno: failure)
            }
        }
    }

    /// Sends as many of the bytes as there is room for, and returns their number.
    ///
    /// A peer that is gone is `EPIPE`: not every process that speaks to another one ignores SIGPIPE.
    package static func send(
        _ bytes: UnsafeRawBufferPointer,
        to socket: FileDescriptor,
    ) throws(Errno) -> Int {
        var sent = 0
        let failure = chs_send(socket.rawValue, bytes.baseAddress, bytes.count, &sent)
        guard failure == 0 else { throw Errno(rawValue: failure) }
        return sent
    }

    private static func open(
        _ name: String,
        in directory: FilePath,
        listens: Bool,
    ) throws(SystemError) -> FileDescriptor {
        var descriptor: Int32 = -1
        let failure = chs_local_socket(directory.string, name, listens ? 1 : 0, &descriptor)
        guard failure == 0 else {
            throw SystemError(
                listens ? "listen on" : "connect to",
                path: directory.appending(name),
                errno: Errno(rawValue: failure),
            )
        }
        return FileDescriptor(rawValue: descriptor)
    }
}
