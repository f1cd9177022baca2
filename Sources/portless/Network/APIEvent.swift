import PortlessCore

/// One event of a stream that the server sends.
struct APIEvent: Equatable, Sendable {
    var name: String
    var data: JSONValue
    /// What makes the server go on behind this event when it is asked again.
    var id: String?
}

/// Takes events out of the bytes of a `text/event-stream`, however they are cut.
struct APIEventParser {
    private var line: [UInt8] = []
    private var name = "message"
    private var data = ""
    private var id: String?

    mutating func take(_ bytes: some Sequence<UInt8>) -> [APIEvent] {
        var events: [APIEvent] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            if let event = takeLine(String(decoding: line, as: UTF8.self)) { events.append(event) }
            line.removeAll(keepingCapacity: true)
        }
        return events
    }

    private mutating func takeLine(_ line: String) -> APIEvent? {
        guard !line.isEmpty else {
            defer {
                name = "message"
                data = ""
            }
            guard let json = try? JSONValue(parsing: data.utf8) else { return nil }
            return APIEvent(name: name, data: json, id: id)
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1].trimmingPrefix(" ")) : ""
        switch parts[0] {
        case "event": name = value
        case "data": data += value
        case "id": id = value
        // A comment, which is a sign of life, or a field of a later version.
        default: break
        }
        return nil
    }
}
