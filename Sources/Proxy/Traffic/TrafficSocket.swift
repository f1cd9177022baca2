import HostSystem
import NIOCore
import NIOPosix
import PortlessCore
import SystemPackage

/// The Unix domain socket on which watchers of the traffic attach.
final class TrafficSocket: Sendable {
    private let hub: NIOLoopBound<TrafficHub>
    private let listener: any Channel
    private let path: FilePath
    /// The file at the path; another one is a later proxy's.
    private let inode: UInt64?

    private init(
        hub: NIOLoopBound<TrafficHub>,
        listener: any Channel,
        path: FilePath,
        inode: UInt64?,
    ) {
        self.hub = hub
        self.listener = listener
        self.path = path
        self.inode = inode
    }

    /// Opens the socket in place of an older one; connections to that one go on.
    static func open(
        in directory: FilePath,
        as name: String,
        for loops: [NIOLoopBound<ProxyLoop>],
    ) async throws -> TrafficSocket? {
        guard let first = loops.first else { return nil }
        let ids = TrafficIDs()
        let hub = try await first.eventLoop.submit {
            NIOLoopBoundBox<TrafficHub?>(nil, eventLoop: first.eventLoop)
        }.get()
        var sources: [TrafficHub.Source] = []
        for loop in loops {
            let recorder = try await loop.eventLoop.submit {
                NIOLoopBound(
                    TrafficRecorder(
                        eventLoop: loop.eventLoop,
                        configuration: loop.value.configuration,
                        ids: ids,
                        capacity: TrafficLimits.records / loops.count,
                        limit: TrafficLimits.details / loops.count,
                    ) { records, lost in
                        first.eventLoop.execute { hub.value?.publish(records, lost: lost) }
                    },
                    eventLoop: loop.eventLoop,
                )
            }.get()
            sources.append(TrafficHub.Source(loop: loop, recorder: recorder))
        }
        let bound = try await first.eventLoop.submit { [sources] in
            let made = TrafficHub(
                eventLoop: first.eventLoop,
                hello: (
                    "\(ProcessIdentity.current.pid).\(Timestamp.now.microseconds)",
                    first.value.configuration.version,
                ),
                sources: sources,
            )
            hub.value = made
            return NIOLoopBound(made, eventLoop: first.eventLoop)
        }.get()
        let descriptor = try LocalSocket.listen(in: directory, as: name)
        let path = directory.appending(name)
        let inode = try? FileStatus.of(path)?.inode
        let listener = try await listen(on: descriptor, bound)
        return TrafficSocket(hub: bound, listener: listener, path: path, inode: inode)
    }

    private static func listen(
        on descriptor: SystemPackage.FileDescriptor,
        _ hub: NIOLoopBound<TrafficHub>,
    ) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: hub.eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(makeRoom: {}))
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.writeBufferWaterMark, value: TrafficWatcher.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard hub.value.takesWatchers else { throw ChannelError.ioOnClosedChannel }
                    try channel.pipeline.syncOperations.addHandler(
                        TrafficWatcher(hub: hub.value)
                    )
                }
            }
        do {
            return try await bootstrap.withBoundSocket(descriptor.rawValue).get()
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    /// Ends all connections; the file stays where a later proxy has put its own there.
    func close() async {
        try? await listener.close()
        try? await hub.eventLoop.submit { [hub] in hub.value.close() }.get()
        if let inode, (try? FileStatus.of(path))?.inode == inode {
            try? FileSystem.removeFile(path)
        }
    }
}
