import PortlessCore

/// Reads `config/puma.rb` line by line.
enum PumaConfiguration {
    /// The last `port`: a number, or what `ENV.fetch("PORT", N)` and `ENV["PORT"] || N` fall back
    /// to; unresolved for anything else.
    static func port(in source: SourceText) -> ConfigurationValue? {
        var result: ConfigurationValue?
        for (number, range) in source.lines {
            let line = source.string(range)
            let text = line.trimmingBlanks.prefix { $0 != "#" }
            guard text.hasPrefix("port ") || text.hasPrefix("port(") else { continue }
            let value = text.dropFirst("port".count).filter { !" \"'()".contains($0) }
            let forms = ["", "ENV.fetchPORT,", "ENV.fetchPORT{", "ENV[PORT]||"]
            let form = forms.last { value.hasPrefix($0) } ?? ""
            let digits = value.dropFirst(form.count).prefix(while: \.isNumber)
            let rest = value.dropFirst(form.count + digits.count)
            let place = SourceLocation(file: source.file, line: number, range: range)
            guard !digits.isEmpty, rest.allSatisfy({ "}".contains($0) }),
                let found = line.firstRange(of: digits)
            else {
                result = .unresolved("this isn't a plain number", at: place)
                continue
            }
            let start = line.utf8.distance(from: line.startIndex, to: found.lowerBound)
            var location = place
            location.range = range.lowerBound + start..<range.lowerBound + start + digits.utf8.count
            var port = ConfigurationValue(.string(String(digits)), at: location)
            port.overriddenBy = form.isEmpty ? nil : "PORT"
            result = port
        }
        return result
    }
}
