import HostSystem

/// Rows of text in aligned columns, for people; a cell is a line, whatever it holds.
package struct TextTable: Sendable {
    package var header: [String]
    package var rows: [[String]]

    package init(header: [String], rows: [[String]]) {
        self.header = header
        self.rows = rows
    }

    /// The lines, without blanks at their ends and without a newline at the end.
    package var text: String {
        let lines = ([header] + rows).map { $0.map(\.visibleLine) }
        let widths = header.indices.map { column in
            lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return lines.map { line in
            let cells = zip(line, widths).map { cell, width in
                cell + String(repeating: " ", count: max(0, width - cell.count))
            }
            return cells.joined(separator: "  ").trimmedAtEnd
        }
        .joined(separator: "\n")
    }
}

extension String {
    fileprivate var trimmedAtEnd: Substring {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
