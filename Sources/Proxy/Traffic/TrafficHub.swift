import NIOCore
import PortlessCore

/// All watchers of a proxy's traffic, and what they want to have recorded.
///
/// Confined to its event loop, one of the proxy's. It has each loop record while there is a watcher,
/// and ends that with the last one.
final class TrafficHub {
    /// The server and a few terminals; each may have a mebibyte unread.
    static let mostWatchers = 16

    /// One loop of the proxy, with the recorder that it uses while there are watchers.
    struct Source {
        let loop: NIOLoopBound<ProxyLoop>
        let recorder: NIOLoopBound<TrafficRecorder>
    }

    let eventLoop: any EventLoop
    private let hello: (proxy: String, version: String)
    private let sources: [Source]
    private var watchers: [ObjectIdentifier: TrafficWatcher] = [:]
    private var inspected: Set<String> = []
    private var isClosed = false
    private let began = NIODeadline.now()

    /// `hello` names the process, and its version.
    init(
        eventLoop: any EventLoop,
        hello: (proxy: String, version: String),
        sources: [Source],
    ) {
        self.eventLoop = eventLoop
        self.hello = hello
        self.sources = sources
    }

    /// Whether there may be one watcher more.
    var takesWatchers: Bool { !isClosed && watchers.count < Self.mostWatchers }

    // MARK: Watchers

    /// Adds a watcher, and returns what it is told first.
    func attach(_ watcher: TrafficWatcher) -> TrafficEvent {
        watchers[ObjectIdentifier(watcher)] = watcher
        if watchers.count == 1 {
            for source in sources { source.start() }
        }
        return .hello(
            proxy: hello.proxy,
            version: hello.version,
            inspecting: inspected.sorted(),
        )
    }

    func detach(_ watcher: TrafficWatcher) {
        guard watchers.removeValue(forKey: ObjectIdentifier(watcher)) != nil else { return }
        updateInspection()
        guard watchers.isEmpty else { return }
        for source in sources { source.stop() }
    }

    /// Sends changed records to all watchers; they share the bytes.
    func publish(_ records: [TrafficRecord], lost: Int) {
        guard !watchers.isEmpty else { return }
        for record in records {
            let line = TrafficEvent.record(record.masked).line
            for watcher in watchers.values { watcher.offer(line) }
        }
        for watcher in watchers.values { watcher.flush(lost: lost) }
    }

    func close() {
        isClosed = true
        for watcher in watchers.values { watcher.close() }
    }

    // MARK: Questions

    /// Takes up what a watcher wants now, and tells all of them; false where that changes nothing.
    @discardableResult
    func updateInspection() -> Bool {
        let wanted = watchers.values.reduce(into: Set<String>()) { $0.formUnion($1.inspected) }
        guard wanted != inspected else { return false }
        inspected = wanted
        for source in sources { source.inspect(wanted) }
        let line = inspection.line
        for watcher in watchers.values {
            watcher.offer(line)
            watcher.flush()
        }
        return true
    }

    var inspection: TrafficEvent { .inspecting(inspected.sorted()) }

    func records(last count: Int) -> EventLoopFuture<[TrafficRecord]> {
        let all = sources.map { source in source.ask { $0.records(last: count) } }
        return EventLoopFuture.whenAllSucceed(all, on: eventLoop).map { lists in
            lists.flatMap(\.self).sorted { $0.id < $1.id }.suffix(count)
        }
    }

    func uses() -> EventLoopFuture<PortUses> {
        let all = sources.map { source in
            source.loop.eventLoop.submit { [loop = source.loop] in loop.value.router.uses() }
        }
        let uptime = NIODeadline.now() - began
        return EventLoopFuture.whenAllSucceed(all, on: eventLoop).map { lists in
            PortUses(uses: lists.flatMap(\.self), uptime: .nanoseconds(uptime.nanoseconds))
        }
    }

    func details(of id: Int64) -> EventLoopFuture<TrafficDetails?> {
        let all = sources.map { source in source.ask { $0.details(of: id) } }
        return EventLoopFuture.whenAllSucceed(all, on: eventLoop).map { found in
            found.compactMap(\.self).first
        }
    }
}

extension TrafficHub.Source {
    fileprivate func start() {
        loop.eventLoop.execute { loop.value.traffic = recorder.value }
    }

    fileprivate func stop() {
        loop.eventLoop.execute {
            loop.value.traffic = nil
            recorder.value.stop()
        }
    }

    fileprivate func inspect(_ hosts: Set<String>) {
        loop.eventLoop.execute { recorder.value.inspected = hosts }
    }

    fileprivate func ask<Answer: Sendable>(
        _ question: @escaping @Sendable (TrafficRecorder) -> Answer
    ) -> EventLoopFuture<Answer> {
        loop.eventLoop.submit { question(recorder.value) }
    }
}

extension TrafficEvent {
    /// One line of JSON.
    var line: ByteBuffer { ByteBuffer(string: json.compact + "\n") }
}
