import HostSystem
import NIOCore
import NIOHPACK
import PortlessCore
import Synchronization

/// The last exchanges of one event loop, in a ring.
///
/// Confined to its event loop. A loop has one in use only while there are watchers: a request then
/// costs some strings more, and otherwise only a look at a nil.
final class TrafficRecorder {
    /// Changes of one exchange within this time are published as one.
    private static let pause = TimeAmount.milliseconds(25)
    /// How often a size that grows is published.
    private static let growthPause = TimeAmount.seconds(1)

    private let eventLoop: any EventLoop
    private let configuration: ProxyConfiguration
    private let ids: TrafficIDs
    private let capacity: Int
    /// How many bytes of details are kept.
    private let limit: Int
    /// Hosts whose requests aren't recorded: those of the dashboard, which shows the records.
    private let ownHosts: Set<String>
    /// Hosts of which commands ask whether a proxy is there.
    private let probedHosts: Set<String>
    /// Called with the records that have changed, and the number of those that were dropped.
    private let publish: ([TrafficRecord], _ lost: Int) -> Void

    /// The oldest one stands at `next` once the ring is full.
    private var ring: [TrafficEntry] = []
    private var next = 0
    private var changes: [TrafficEntry] = []
    private var lost = 0
    private var grownEntries: [TrafficEntry] = []
    private var publication: Scheduled<Void>?
    private var growth: Scheduled<Void>?
    private var kept = 0
    /// The hosts whose headers and bodies are recorded, or `*`.
    var inspected: Set<String> = []

    init(
        eventLoop: any EventLoop,
        configuration: ProxyConfiguration,
        ids: TrafficIDs,
        capacity: Int = TrafficLimits.records,
        limit: Int = TrafficLimits.details,
        publish: @escaping ([TrafficRecord], _ lost: Int) -> Void,
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.ids = ids
        self.capacity = max(capacity, 1)
        self.limit = limit
        probedHosts = Set(configuration.topLevelNames)
        ownHosts = Set(configuration.topLevelNames.map { "portless.\($0)" })
        self.publish = publish
    }

    var topLevelNames: [String] { configuration.topLevelNames }

    /// The failure as the proxy's own page of it says it.
    func sentence(on reason: UpstreamFailure, of upstream: Upstream?) -> String {
        guard let upstream else { return "The app broke off its answer." }
        return Pages(configuration: configuration)
            .failed(PageRequest(isSecure: false), by: upstream, reason).failure ?? ""
    }

    // MARK: Beginnings

    /// Begins the record of a request over HTTP/1.
    @inline(never)
    func begin(_ head: RequestHead, _ bytes: ByteBuffer, isSecure: Bool) -> TrafficEntry? {
        let span = bytes.readableBytesUInt8Span
        let isWebSocket =
            head.upgrade == .webSocket
            || head.isUpgrade
                && head.fields.contains { field in
                    field.known == .upgrade && field.value.count == 9
                        && span.matches("websocket", at: field.value.start)
                }
        return begin(
            method: String(copying: span, head.method),
            authority: String(copying: span, head.authority),
            path: "\(head.impliedPath.text)" + String(copying: span, head.originForm),
            version: isWebSocket ? .webSocket : .http1,
            isSecure: isSecure,
            isChunked: head.framing == .chunked,
            fields: {
                let span = bytes.readableBytesUInt8Span
                return head.fields.map { field in
                    TrafficDetails.Field(
                        name: String(copying: span, field.name),
                        value: String(copying: span, field.value),
                    )
                }
            },
        )
    }

    /// Begins the record of a request over HTTP/2.
    @inline(never)
    func begin(
        _ request: HTTP2Request,
        _ headers: HPACKHeaders,
        isSecure: Bool,
    ) -> TrafficEntry? {
        begin(
            method: request.webSocket == nil ? request.method : "GET",
            authority: request.authority,
            path: request.path,
            version: request.webSocket == nil ? .http2 : .webSocket,
            isSecure: isSecure,
            isChunked: false,
            fields: { Self.fields(headers) },
        )
    }

    /// Begins the record of a request over HTTP/1 whose head is refused, from what of it can be read.
    @inline(never)
    func begin(refused bytes: ByteBuffer, isSecure: Bool) -> TrafficEntry? {
        let lines = bytes.readableBytesView.prefix(TrafficLimits.path * 2)
            .split(separator: 0x0A, maxSplits: 100)
        let words = (lines.first ?? []).split(maxSplits: 2) { !$0.isVisible }
        let host = lines.dropFirst().lazy.map { String(decoding: $0, as: UTF8.self) }
            .first { $0.lowercased().hasPrefix("host:") }
        return begin(
            method: words.first.flatMap(Self.method) ?? "?",
            authority: host.flatMap { Self.authority(String($0.dropFirst(5))) } ?? "",
            path: words.count > 1 ? String(decoding: words[1], as: UTF8.self) : "",
            version: .http1,
            isSecure: isSecure,
            isChunked: false,
            isRefused: true,
        )
    }

    /// The same over HTTP/2.
    @inline(never)
    func begin(refused headers: HPACKHeaders, isSecure: Bool) -> TrafficEntry? {
        let authority = headers.first(name: ":authority") ?? headers.first(name: "host")
        return begin(
            method: headers.first(name: ":method").flatMap { Self.method($0.utf8) } ?? "?",
            authority: authority.flatMap(Self.authority) ?? "",
            path: headers.first(name: ":path") ?? "",
            version: .http2,
            isSecure: isSecure,
            isChunked: false,
            isRefused: true,
        )
    }

    private static func method(_ bytes: some Collection<UInt8>) -> String? {
        guard !bytes.isEmpty, bytes.count <= 32, bytes.allSatisfy(\.isTokenCharacter) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func authority(_ text: String) -> String? {
        let text = text.trimmingBlanks
        let bytes = Array(text.utf8)
        return Authority.isValid(bytes.span, ByteRange(start: 0, end: bytes.count)) ? text : nil
    }

    static func fields(_ headers: HPACKHeaders) -> [TrafficDetails.Field] {
        headers.filter { $0.name.utf8.first != .colon }.map {
            TrafficDetails.Field(name: $0.name, value: $0.value)
        }
    }

    private func begin(
        method: String,
        authority: String,
        path: String,
        version: TrafficRecord.Version,
        isSecure: Bool,
        isChunked: Bool,
        isRefused: Bool = false,
        fields: () -> [TrafficDetails.Field] = { [] },
    ) -> TrafficEntry? {
        let bytes = Array(authority.utf8)
        let range = ByteRange(start: 0, end: bytes.count)
        let hostRange = Authority.hostRange(bytes.span, range)
        let host = String(lowercasing: bytes.span, hostRange)
        let isProbe = method == "HEAD" && path == "/" && probedHosts.contains(host)
        guard !isProbe, !ownHosts.contains(host) else { return nil }
        let port = FramingFields.decimal(bytes.span, Authority.portRange(bytes.span, range))
        let entry = TrafficEntry(
            TrafficRecord(
                id: ids.next(),
                began: .now,
                host: String(host.prefix(255)),
                port: port ?? (isSecure ? 443 : 80),
                method: String(method.prefix(32)),
                path: Self.cut(path),
                scheme: isSecure ? .https : .http,
                version: version,
            ),
            isChunked: isChunked,
            fields: !isRefused && inspects(host) ? fields() : nil,
            recorder: self,
        )
        add(entry)
        return entry
    }

    private static func cut(_ path: String) -> String {
        guard path.utf8.count > TrafficLimits.path else { return path }
        return String(decoding: path.utf8.prefix(TrafficLimits.path), as: UTF8.self)
    }

    /// Whether the host, or one that it is under, is inspected.
    private func inspects(_ host: String) -> Bool {
        guard !inspected.isEmpty else { return false }
        return inspected.contains("*")
            || inspected.contains { host == $0 || host.hasSuffix("." + $0) }
    }

    private func add(_ entry: TrafficEntry) {
        if ring.count < capacity {
            ring.append(entry)
        } else {
            // Its exchange may go on, and is recorded no more.
            kept -= ring[next].cost
            ring[next].dropDetails()
            ring[next] = entry
        }
        next = (next + 1) % capacity
        keep(entry.cost)
        changed(entry)
    }

    // MARK: Questions

    private var oldestFirst: [TrafficEntry] {
        ring.count < capacity ? ring : Array(ring[next...] + ring[..<next])
    }

    func records(last count: Int) -> [TrafficRecord] {
        oldestFirst.suffix(count).map(\.snapshot)
    }

    func details(of id: Int64) -> TrafficDetails? {
        ring.first { $0.id == id }?.details
    }

    /// Frees all headers, bodies and messages: there is no watcher any more.
    func stop() {
        inspected = []
        for entry in ring { entry.dropDetails() }
        kept = 0
        publication?.cancel()
        growth?.cancel()
        publishChanges()
        grownEntries.removeAll()
        growth = nil
    }

    // MARK: Changes

    /// Publishes the entry soon.
    func changed(_ entry: TrafficEntry) {
        guard !entry.isChanged else { return }
        guard changes.count < TrafficLimits.records else {
            lost += 1
            return
        }
        entry.isChanged = true
        changes.append(entry)
        guard publication == nil else { return }
        publication = eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.publishChanges()
        }
    }

    private func publishChanges() {
        publication = nil
        let records = changes.map { entry in
            entry.isChanged = false
            return entry.snapshot
        }
        changes.removeAll(keepingCapacity: true)
        let lost = lost
        self.lost = 0
        if !records.isEmpty || lost > 0 { publish(records, lost) }
    }

    /// Publishes the entry's size within a second.
    func grown(_ entry: TrafficEntry) {
        guard !entry.hasGrown, grownEntries.count < TrafficLimits.records else { return }
        entry.hasGrown = true
        grownEntries.append(entry)
        guard growth == nil else { return }
        growth = eventLoop.assumeIsolated().scheduleTask(in: Self.growthPause) {
            self.growth = nil
            let grown = self.grownEntries
            self.grownEntries.removeAll()
            for entry in grown {
                entry.hasGrown = false
                if entry.snapshot.state == .answering { self.changed(entry) }
            }
        }
    }

    /// Counts bytes of details; beyond the limit the oldest exchanges lose theirs.
    func keep(_ bytes: Int) {
        kept += bytes
        guard kept > limit else { return }
        for entry in oldestFirst where kept > limit / 4 * 3 {
            kept -= entry.cost
            entry.dropDetails()
        }
    }
}

/// The numbers of records, over all loops of a proxy.
final class TrafficIDs: Sendable {
    private let last = Atomic<Int64>(0)

    func next() -> Int64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
