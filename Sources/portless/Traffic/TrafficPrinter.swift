import HostSystem
import PortlessCore

/// Prints one aligned line a request, or each as JSON.
struct TrafficPrinter {
    /// A longer host moves the columns after it.
    private static let widestHost = 40

    let console: Console
    let isJSON: Bool
    let reveals: Bool
    private var hostWidth = 12

    init(_ console: Console, isJSON: Bool, reveals: Bool = false) {
        self.console = console
        self.isJSON = isJSON
        self.reveals = reveals
    }

    mutating func print(_ record: TrafficRecord) {
        if isJSON { return console.print(record.json.compact) }
        hostWidth = min(max(hostWidth, record.host.count), Self.widestHost)
        console.print(styled: line(record))
    }

    private func line(_ record: TrafficRecord) -> StyledText {
        let style = console.style
        let time = style.dim(record.began.clockText)
        let size = SizeText.text(record.responseBytes).padded(to: 8, isRight: true)
        let total = Self.total(record).padded(to: 8, isRight: true)
        let status = (record.status.map(String.init) ?? "-").padded(to: 3)
        let color = color(of: record)
        let shownStatus = color.map { style.colored(status, $0) } ?? StyledText(status)
        let kind = record.version == .webSocket ? "WS" : record.method
        let method = kind.visibleLine.padded(to: 7)
        let host = record.host.visibleLine.padded(to: hostWidth)
        var line: StyledText =
            "\(time)  \(shownStatus)  \(method) \(size) \(total)  \(host)  \(record.path.visibleLine)"
        if let failure = record.failure { line = line + "  " + style.red(failure.visibleLine) }
        return line
    }

    /// Green, yellow and red as far as the status says whose problem it is.
    private func color(of record: TrafficRecord) -> Int? {
        if record.state == .failed { return 31 }
        return switch record.status ?? 0 {
        case 200..<300: 32
        case 300..<400: 36
        case 400..<500: 33
        case 500...: 31
        default: nil
        }
    }

    private static func total(_ record: TrafficRecord) -> String {
        guard record.isOver, let total = record.total else {
            return record.isEndless ? "open" : "…"
        }
        let milliseconds = total.decimalMilliseconds
        if milliseconds < 10 { return "\(tenths(milliseconds)) ms" }
        if milliseconds < 1000 { return "\(Int(clamping: milliseconds.rounded())) ms" }
        return "\(tenths(milliseconds / 1000)) s"
    }

    private static func tenths(_ number: Double) -> String {
        let tenths = Int(clamping: (number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// Bytes as people read them, with three digits.
enum SizeText {
    static func text(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var rest = bytes
        for unit in ["kB", "MB", "GB", "TB"] {
            if rest < 999_950 || unit == "TB" {
                let tenths = (rest + 50) / 100
                return tenths < 1000
                    ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\((rest + 500) / 1000) \(unit)"
            }
            rest /= 1000
        }
        return "\(bytes) B"
    }
}

extension String {
    /// With blanks up to a width; longer text stays whole.
    fileprivate func padded(to width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return isRight ? blanks + self : self + blanks
    }
}
