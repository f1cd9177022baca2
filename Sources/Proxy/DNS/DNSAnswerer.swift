/// Answers DNS queries (RFC 1035): names under the proxy's top-level names are on this machine.
///
/// Every other name is refused, so that a resolver that asks here goes on to its other servers:
/// systemd-resolved also asks its global servers for names that none of their domains matches.
///
/// Whether an app has the name doesn't count, so that the bookmark of a stopped app ends on the
/// proxy's page and no resolver remembers that a name was missing.
package struct DNSAnswerer: Sendable {
    /// The longest message that is read; a query with every option that is in use is far shorter.
    static let longestMessage = 4096

    /// Lowercase labels, the last one of the name first.
    private let suffixes: [[[UInt8]]]

    /// `.local` stays with multicast DNS (RFC 6762).
    package init(topLevelNames: [String]) {
        suffixes = topLevelNames.map { name in
            name.lowercased().split(separator: ".").reversed().map { Array($0.utf8) }
        }.filter { !$0.isEmpty && $0 != [Array("local".utf8)] }
    }

    /// The answer to a message; nil where none may be sent, because it is no query.
    package func answer(_ message: Span<UInt8>) -> [UInt8]? {
        // An answer to an answer would go back and forth for ever.
        guard message.count >= DNSHeader.length, message[2] & 0x80 == 0 else { return nil }
        let header = DNSHeader(message)
        guard header.opcode == 0 else { return header.answer(.notImplemented) }
        guard let query = DNSQuery(message, header) else { return header.answer(.formatError) }
        let edns = query.ednsVersion
        guard edns ?? 0 == 0 else { return header.answer(.badVersion, query, hasOptions: true) }
        guard query.isInternet, suffixes.contains(where: { query.isUnder($0) }) else {
            return header.answer(.refused, query, hasOptions: edns != nil)
        }
        return header.answer(
            .success,
            query,
            records: DNSAddress.allCases.filter { $0.answers(query.type) },
            hasOptions: edns != nil,
        )
    }
}

/// A response code (RFC 1035 section 4.1.1; above 15 in the options' extension, RFC 6891).
private enum DNSCode: UInt8 {
    case success = 0
    case formatError = 1
    case notImplemented = 4
    case refused = 5
    case badVersion = 16
}

/// The two addresses of this machine.
private enum DNSAddress: CaseIterable {
    case v4, v6

    private static let any: UInt16 = 255
    /// In seconds: the addresses never change, and a top-level name is given up rarely.
    private static let timeToLive: UInt8 = 60

    private var type: UInt16 { self == .v4 ? 1 : 28 }
    private var bytes: [UInt8] {
        self == .v4 ? [127, 0, 0, 1] : [UInt8](repeating: 0, count: 15) + [1]
    }

    func answers(_ type: UInt16) -> Bool { type == self.type || type == Self.any }

    /// The record, for the name that the message's question has.
    var record: [UInt8] {
        // The name is a pointer to the question; then type, class IN, time to live and length.
        [0xC0, UInt8(DNSHeader.length), 0, UInt8(type), 0, 1, 0, 0, 0, Self.timeToLive]
            + [0, UInt8(bytes.count)] + bytes
    }
}

/// The first twelve bytes of a message (RFC 1035 section 4.1.1).
private struct DNSHeader {
    static let length = 12

    private let id: (UInt8, UInt8)
    private let flags: UInt8
    let counts: [Int]

    /// The message has at least twelve bytes.
    init(_ message: Span<UInt8>) {
        id = (message[0], message[1])
        flags = message[2]
        counts = stride(from: 4, to: Self.length, by: 2).map { message.number(at: $0) }
    }

    var opcode: UInt8 { flags >> 3 & 0x0F }

    func answer(
        _ code: DNSCode,
        _ query: DNSQuery? = nil,
        records: [DNSAddress] = [],
        hasOptions: Bool = false,
    ) -> [UInt8] {
        // An answer, and the client's opcode and "recursion desired", which isn't available; only
        // names of ours are answered with authority.
        let authority: UInt8 = code == .success ? 0x04 : 0
        var bytes = [id.0, id.1, 0x80 | flags & 0x79 | authority, code.rawValue & 0x0F]
        bytes += [0, query == nil ? 0 : 1, 0, UInt8(records.count), 0, 0, 0, hasOptions ? 1 : 0]
        bytes += query?.question ?? []
        for record in records { bytes += record.record }
        if hasOptions {
            // The root's name, type OPT, room for 1232 bytes, the code's upper bits, version 0.
            bytes += [0, 0, 41, 0x04, 0xD0, code.rawValue >> 4, 0, 0, 0, 0, 0]
        }
        return bytes
    }
}

/// The one question of a query, and the version of its EDNS options (RFC 6891).
private struct DNSQuery {
    private static let options = 41
    /// A query has one or two further records: options, and a signature perhaps.
    private static let mostRecords = 8

    /// As the client wrote it, upper and lower case included: resolvers compare it.
    let question: [UInt8]
    private let labels: [[UInt8]]
    let type: UInt16
    private let qclass: Int
    private(set) var ednsVersion: UInt8?

    /// Nil where the message isn't one question with what may follow it.
    init?(_ message: Span<UInt8>, _ header: DNSHeader) {
        guard header.counts[0] == 1, header.counts[1] == 0, header.counts[2] == 0,
            header.counts[3] <= Self.mostRecords
        else { return nil }
        var position = DNSHeader.length
        var labels: [[UInt8]] = []
        while true {
            guard position < message.count else { return nil }
            let length = Int(message[position])
            position += 1
            if length == 0 { break }
            // The two upper bits would make it a pointer, and nothing stands before it.
            guard length < 64, position + length <= message.count else { return nil }
            labels.append((position..<position + length).map { message[$0].lowercased })
            position += length
            guard position - DNSHeader.length <= 254 else { return nil }
        }
        guard position + 4 <= message.count else { return nil }
        type = UInt16(message.number(at: position))
        qclass = message.number(at: position + 2)
        position += 4
        self.labels = labels.reversed()
        question = (DNSHeader.length..<position).map { message[$0] }
        for _ in 0..<header.counts[3] {
            guard let record = Self.record(message, &position) else { return nil }
            guard record.type == Self.options else { continue }
            // More than one is an error (RFC 6891 section 6.1.1).
            guard ednsVersion == nil, record.isRoot else { return nil }
            ednsVersion = record.version
        }
    }

    /// Class IN, or any.
    var isInternet: Bool { qclass == 1 || qclass == 255 }

    func isUnder(_ suffix: [[UInt8]]) -> Bool { labels.starts(with: suffix) }

    /// Moves behind the record at this position.
    private static func record(
        _ message: Span<UInt8>,
        _ position: inout Int,
    ) -> (type: Int, isRoot: Bool, version: UInt8)? {
        let start = position
        while true {
            guard position < message.count else { return nil }
            let length = Int(message[position])
            position += 1
            if length == 0 { break }
            if length >= 0xC0 {
                // A pointer ends a name. Where it leads isn't of interest.
                position += 1
                break
            }
            guard length < 64 else { return nil }
            position += length
        }
        guard position + 10 <= message.count else { return nil }
        let type = message.number(at: position)
        let version = message[position + 5]
        let length = message.number(at: position + 8)
        let isRoot = position == start + 1
        position += 10 + length
        guard position <= message.count else { return nil }
        return (type, isRoot, version)
    }
}

extension Span<UInt8> {
    /// The number in two bytes, the upper one first.
    fileprivate func number(at position: Int) -> Int {
        Int(self[position]) << 8 | Int(self[position + 1])
    }
}
