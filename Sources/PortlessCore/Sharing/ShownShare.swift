package import HostSystem

/// An address of an app as it is shown: what its route says, with what is known of the share.
package struct ShownShare: Hashable, Sendable {
    package let provider: SharingProvider
    package let url: String
    package var expiresAt: Timestamp?
    package var hasPassword = false
    /// Whether `portless share` shares it, and not the app's own run.
    package var isSeparate = false

    /// Its end and its password in words; nil where it has neither.
    package var note: String? {
        let words = [
            hasPassword ? "with a password" : nil, expiresAt.map { "until \($0.endText)" },
        ].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    package var json: JSONValue {
        .object([
            "provider": .string(provider.rawValue), "exposure": .string(provider.reach.rawValue),
            "url": .string(url), "password": .bool(hasPassword),
            "expiresAt": expiresAt.map { .string($0.text) } ?? .null,
        ])
    }
}

extension Timestamp {
    /// When a share ends: the time of day, with its day where that isn't soon.
    package var endText: String {
        let isSoon = Timestamp.now.duration(to: self) < .seconds(20 * 3600)
        return isSoon ? String(clockText.prefix(8)) : "\(text.prefix(16)) UTC"
    }
}

extension RouteEntry {
    /// Its addresses, with what `records` tell of them.
    package func shares(of records: [ShareRecord]) -> [ShownShare] {
        addresses.map { address in
            var shown = ShownShare(provider: address.provider, url: address.url)
            let record = records.first { matches($0.hostname) && $0.url == address.url }
            shown.expiresAt = record?.expiresAt
            shown.hasPassword = record?.hasPassword ?? false
            shown.isSeparate = record?.isSeparate ?? false
            return shown
        }
    }
}
