import HostSystem

/// The setting of an app that starts with the first request for one of its names.
package struct OnRequest: Hashable, Sendable {
    /// How long it goes on without a request after only requests have started it; nil: until it is
    /// stopped.
    package var idle: Duration?

    package init(idle: Duration? = nil) {
        self.idle = idle
    }

    /// The values of `idle` that make sense: a page has more to load a moment later.
    package static let idleTimes = Duration.seconds(1)...Duration.seconds(365 * 86_400)

    /// `30m` or `1h30m`; nil for anything else, and for what is shorter or longer than makes sense.
    package static func idle(_ text: String) -> Duration? {
        DurationText.duration(text).flatMap { idleTimes.contains($0) ? $0 : nil }
    }

    /// As people read it: `starts on request, stops after 30m without one`.
    package var text: String {
        let end = idle.map { ", stops after \(DurationText.text($0)) without one" }
        return "starts on request\(end ?? "")"
    }
}

extension OnRequest {
    /// How an app is started, as `start` of the project's and the registry's files says.
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// By its user alone.
        case manual
        case onRequest = "on-request"
    }
}

extension JSONCodec<OnRequest> {
    static let onRequest = object(
        [.optional("idle", \.idle, as: .milliseconds)],
        blank: OnRequest(),
        name: "OnRequest",
        lenient: true,
    )
}

/// Lengths of time as people write them.
package enum DurationText {
    private static let units: [(unit: Character, seconds: Int64)] = [
        ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1),
    ]

    private static let week: Int64 = 604_800

    /// Numbers with a unit each, as in `1h30m`; nil for anything else.
    package static func duration(_ text: String) -> Duration? {
        var rest = text[...]
        var seconds: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int64(digits), let unit = rest.dropFirst(digits.count).first,
                let factor = unit == "w" ? week : units.first(where: { $0.unit == unit })?.seconds
            else { return nil }
            seconds = seconds.saturatingAdd(number.saturatingMultiply(by: factor))
            rest = rest.dropFirst(digits.count + 1)
        }
        return text.isEmpty ? nil : .clamped(milliseconds: seconds.saturatingMultiply(by: 1000))
    }

    /// `1h30m`; parts of a second are left out.
    package static func text(_ duration: Duration) -> String {
        var rest = max(duration.components.seconds, 0)
        var text = ""
        for (unit, seconds) in units where rest >= seconds {
            text += "\(rest / seconds)\(unit)"
            rest %= seconds
        }
        return text.isEmpty ? "0s" : text
    }
}
