extension PortTable {
    private static let header = ["APP", "LABEL", "PORT", "ORIGIN", "STATE", "OWNER", "NAME"]

    /// The table for people: each app's ports together, with the gaps between blocks in view.
    ///
    /// `isComplete` adds whoever else listens, of whom no app knows.
    package func text(isComplete: Bool = false) -> String {
        var lines = Self.lines(of: rows) + infrastructure.map(Self.cells)
        if isComplete { lines += others.map(Self.cells) }
        return TextTable(header: Self.header, rows: lines).text
    }

    /// A table of some of the rows.
    package static func text(of rows: [PortRow]) -> String {
        TextTable(header: header, rows: lines(of: rows)).text
    }

    package func rows(of app: String) -> [PortRow] {
        rows.filter { $0.claim.app.lowercased() == app.lowercased() }
    }

    private static func lines(of rows: [PortRow]) -> [[String]] {
        var lines: [[String]] = []
        var previous: Port?
        for row in rows {
            if let previous, let gap = gap(from: previous, to: row.claim.port) {
                lines.append(["…", "", gap.text])
            }
            previous = row.claim.port
            lines.append(cells(of: row))
        }
        return lines
    }

    private static func gap(from low: Port, to high: Port) -> PortRange? {
        guard let first = Port(low.number + 1), let last = Port(high.number - 1) else { return nil }
        return PortRange(first: first, last: last)
    }

    private static func cells(of row: PortRow) -> [String] {
        [
            row.claim.app, row.claim.label, row.claim.port.description, row.claim.origin.rawValue,
            row.state.rawValue, row.owner,
            row.claim.names.map(\.description).joined(separator: ", "),
        ]
    }

    private static func cells(of listener: ObservedListener) -> [String] {
        let kind = listener.isDatagram ? "udp" : "listening"
        return ["-", "", listener.port.description, "", kind, listener.owner]
    }
}
