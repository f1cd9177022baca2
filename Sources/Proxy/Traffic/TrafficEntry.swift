import HostSystem
import NIOCore
import NIOHPACK
import PortlessCore

/// One exchange as it is recorded; connections report to it what happens.
///
/// Confined to its event loop. After the end of an exchange nothing changes it any more. What
/// connections call isn't inlined, so that their own code stays as small as without a recorder.
final class TrafficEntry {
    /// What is recorded only while the host is inspected.
    private struct Inspection {
        var requestFields: [TrafficDetails.Field]
        var responseFields: [TrafficDetails.Field] = []
        var sent = WebSocketDecoder(keeping: TrafficLimits.frame)
        var received = WebSocketDecoder(keeping: TrafficLimits.frame)
        var frames: [TrafficDetails.Frame] = []
        var droppedFrames = 0
    }

    private weak var recorder: TrafficRecorder?
    private var record: TrafficRecord
    private let began: NIODeadline
    private var request: BodyRecording
    private var response = BodyRecording(keeping: 0, isChunked: false)
    private var inspection: Inspection?
    private var isTunnel = false
    /// The memory that the inspection takes, about.
    private(set) var cost = 0
    /// Whether a change waits to be published, and whether one of its size does.
    var isChanged = false
    var hasGrown = false

    /// `fields` are nil where the host isn't inspected.
    init(
        _ record: TrafficRecord,
        isChunked: Bool,
        fields: [TrafficDetails.Field]?,
        recorder: TrafficRecorder,
    ) {
        self.record = record
        self.recorder = recorder
        began = .now()
        inspection = fields.map { Inspection(requestFields: $0) }
        self.record.isInspected = fields != nil
        request = BodyRecording(
            keeping: fields == nil ? 0 : TrafficLimits.body,
            isChunked: isChunked,
        )
        cost = fields.map(Self.cost) ?? 0
    }

    var id: Int64 { record.id }

    // MARK: What is known now

    var snapshot: TrafficRecord {
        var record = record
        record.requestBytes = request.size
        record.responseBytes = response.size
        return record
    }

    var details: TrafficDetails {
        var details = TrafficDetails(snapshot)
        guard let inspection else { return details }
        details.request = TrafficDetails.Message(
            headers: inspection.requestFields,
            body: TrafficBody(request.start, isCut: request.isCut),
            isBodyCut: !isTunnel && request.isCut,
        )
        if record.status != nil {
            details.response = TrafficDetails.Message(
                headers: inspection.responseFields,
                body: TrafficBody(response.start, isCut: response.isCut),
                isBodyCut: !isTunnel && response.isCut,
            )
        }
        details.frames = inspection.frames
        details.droppedFrames = inspection.droppedFrames
        return details
    }

    /// Frees headers, bodies and messages.
    func dropDetails() {
        guard inspection != nil else { return }
        inspection = nil
        request.drop()
        response.drop()
        cost = 0
        record.isInspected = false
        recorder?.changed(self)
    }

    // MARK: Events

    @inline(never)
    func forwarded(to upstream: Upstream) {
        guard let route = upstream.route, let recorder else { return }
        record.app = Pages.appName(
            route.hostname.description,
            topLevelNames: recorder.topLevelNames,
        )
    }

    @inline(never)
    func connected(_ connection: UpstreamConnection) {
        guard let address = connection.remoteAddress, let host = address.ipAddress else { return }
        let port = address.port.map { ":\($0)" } ?? ""
        record.upstream = (host.contains(":") ? "[\(host)]" : host) + port
    }

    /// Bytes of the request's body, or of the tunnel, came from the client.
    @inline(never)
    func sent(_ bytes: ByteBuffer) {
        pay(request.append(bytes))
        read(bytes, .sent)
        grow()
    }

    /// The head of the final answer has come; with `isChunked` its body follows with the headers of
    /// its chunks.
    @inline(never)
    func answerBegan(_ head: ResponseHead, _ bytes: Span<UInt8>, isChunked: Bool) {
        guard !record.isOver else { return }
        answerBegan(status: head.status, type: head.mediaType(bytes), isChunked: isChunked)
        guard inspection != nil else { return }
        keepResponse(
            head.fields.map { field in
                TrafficDetails.Field(
                    name: String(copying: bytes, field.name),
                    value: String(copying: bytes, field.value),
                )
            }
        )
    }

    /// The app has switched protocols.
    @inline(never)
    func tunnelOpened(_ head: ResponseHead, _ bytes: Span<UInt8>) {
        answerBegan(head, bytes, isChunked: false)
        isTunnel = true
        if inspection != nil {
            request = BodyRecording(keeping: 0, isChunked: false)
            response = BodyRecording(keeping: 0, isChunked: false)
        }
    }

    private func answerBegan(status: Int, type: String?, isChunked: Bool) {
        record.status = status
        record.type = type
        record.firstByte = elapsed
        record.state = .answering
        response = BodyRecording(
            keeping: inspection == nil ? 0 : TrafficLimits.body,
            isChunked: isChunked,
        )
        recorder?.changed(self)
    }

    /// Bytes of the answer's body, or of the tunnel, came from the app.
    @inline(never)
    func received(_ bytes: ByteBuffer) {
        pay(response.append(bytes))
        read(bytes, .received)
        grow()
    }

    /// The answer is complete, or the tunnel closed.
    @inline(never)
    func ended() {
        end(.done, failure: nil)
    }

    /// The proxy has given the answer itself.
    @inline(never)
    func answered(_ page: Page, version: String) {
        guard !record.isOver else { return }
        answerBegan(
            status: page.status,
            type: Self.mediaType(page.contentType),
            isChunked: false,
        )
        if inspection != nil {
            let headers = HTTP2Response.headers(page, version: version)
            keepResponse(TrafficRecorder.fields(headers))
        }
        pay(response.append(ByteBuffer(bytes: page.body)))
        end(.done, failure: page.failure)
    }

    /// The connection to the app was lost; the client may get another try, or an answer of the
    /// proxy's, which is reported by itself.
    func failed(
        _ reason: UpstreamFailure,
        _ recovery: Exchange.Recovery,
        of upstream: Upstream?,
    ) {
        switch recovery {
        case .breakOff: end(.failed, failure: recorder?.sentence(on: reason, of: upstream))
        case .endTunnel: ended()
        case .none, .connectAgain, .waitForApp, .answer, .discardRequest: break
        }
    }

    /// The client's connection or stream is gone.
    @inline(never)
    func clientLeft() {
        if isTunnel {
            ended()
        } else {
            end(.failed, failure: "The client left before the answer was complete.")
        }
    }

    private func end(_ state: TrafficRecord.State, failure: String?) {
        guard !record.isOver else { return }
        record.state = state
        record.failure = failure
        record.total = elapsed
        recorder?.changed(self)
    }

    private var elapsed: Duration { .nanoseconds((NIODeadline.now() - began).nanoseconds) }

    // MARK: Inspection

    private func keepResponse(_ fields: [TrafficDetails.Field]) {
        inspection?.responseFields = fields
        pay(Self.cost(fields))
    }

    private func read(_ bytes: ByteBuffer, _ direction: TrafficDetails.Frame.Direction) {
        guard isTunnel, record.version == .webSocket, inspection != nil else { return }
        let time = elapsed
        var frames: [TrafficDetails.Frame] = []
        let keep = { (message: WebSocketDecoder.Message) in
            frames.append(TrafficDetails.Frame(message, direction, at: time))
        }
        let span = bytes.readableBytesUInt8Span
        switch direction {
        case .sent: inspection?.sent.read(span, keep)
        case .received: inspection?.received.read(span, keep)
        }
        for frame in frames { append(frame) }
    }

    private func append(_ frame: TrafficDetails.Frame) {
        inspection?.frames.append(frame)
        guard let count = inspection?.frames.count, count > TrafficLimits.frames else {
            return pay(TrafficLimits.frame)
        }
        inspection?.frames.removeFirst()
        inspection?.droppedFrames += 1
    }

    private func pay(_ bytes: Int) {
        guard inspection != nil, bytes > 0 else { return }
        cost += bytes
        recorder?.keep(bytes)
    }

    /// Sizes are published now and then, but for event streams: the stream of these records would
    /// otherwise make records of itself.
    private func grow() {
        guard record.state == .answering, record.type != "text/event-stream" else { return }
        recorder?.grown(self)
    }

    private static func cost(_ fields: [TrafficDetails.Field]) -> Int {
        fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 }
    }

    /// The part of a Content-Type before its parameters.
    static func mediaType(_ value: String) -> String? {
        let type = value.prefix { $0 != ";" }.trimmingBlanks.lowercased()
        return type.isEmpty ? nil : String(type.prefix(100))
    }
}

extension ResponseHead {
    fileprivate func mediaType(_ bytes: Span<UInt8>) -> String? {
        let field = fields.first { field in
            field.name.count == 12 && bytes.matches("content-type", at: field.name.start)
        }
        return field.flatMap { TrafficEntry.mediaType(String(copying: bytes, $0.value)) }
    }
}

extension TrafficDetails.Frame {
    fileprivate init(
        _ message: WebSocketDecoder.Message,
        _ direction: Direction,
        at time: Duration,
    ) {
        let kind: Kind =
            switch message.kind {
            case .text: .text
            case .binary: .binary
            case .close: .close
            case .ping: .ping
            case .pong: .pong
            }
        self.init(
            time: time,
            direction: direction,
            kind: kind,
            size: Int64(clamping: message.size),
            start: TrafficBody(message.start, isCut: message.size > message.start.count),
            isCompressed: message.isCompressed,
        )
    }
}
