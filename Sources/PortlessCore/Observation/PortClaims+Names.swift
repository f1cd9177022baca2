extension PortClaims {
    /// The app that a name belongs to, and which of its labels the name says, if any.
    ///
    /// `api.shop.localhost` is the app `api.shop`, unless there is a `shop` that has an `api`.
    static func app(
        of hostname: Hostname,
        tlds: [TLD],
        labels: [String: Set<String>],
    ) -> (app: String, label: String?) {
        let name = base(of: hostname, tlds: tlds)
        guard labels[name] == nil, let dot = name.firstIndex(of: ".") else { return (name, nil) }
        let label = String(name[..<dot])
        let rest = String(name[name.index(after: dot)...])
        return labels[rest]?.contains(label) == true ? (rest, label) : (name, nil)
    }

    /// The name without its TLD; under one that isn't the proxy's any more, without its last label.
    static func base(of hostname: Hostname, tlds: [TLD]) -> String {
        let suffixes = tlds.map { ".\($0)" }.sorted { $0.count > $1.count }
        for suffix in suffixes where hostname.description.hasSuffix(suffix) {
            return String(hostname.description.dropLast(suffix.count))
        }
        let labels = hostname.labels
        return labels.count > 1 ? labels.dropLast().joined(separator: ".") : hostname.description
    }
}
