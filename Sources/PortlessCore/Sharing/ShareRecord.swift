package import HostSystem

/// One way in which an app is shared: enough to show it, and to take it back after a crash.
package struct ShareRecord: Hashable, Sendable {
    package var hostname: Hostname
    package var provider: SharingProvider
    /// The port of this machine that the address leads to: the app's, or that of a gate before it.
    package var port: Port
    /// Nil until the service has given one.
    package var url: String?
    /// Tailscale's port, on which the address is served.
    package var httpsPort: Port?
    /// The service's process; Tailscale has a daemon of its own.
    package var tunnel: ProcessIdentity?
    /// The process that shares the app: its run, or `portless share`.
    package var holder: ProcessIdentity
    /// Whether the holder is `portless share`, which ends without the app.
    package var isSeparate = false
    package var expiresAt: Timestamp?
    package var hasPassword = false

    package init(
        hostname: Hostname,
        provider: SharingProvider,
        port: Port,
        holder: ProcessIdentity = .current,
    ) {
        self.hostname = hostname
        self.provider = provider
        self.port = port
        self.holder = holder
    }

    package func isSameShare(as other: ShareRecord) -> Bool {
        hostname == other.hostname && provider == other.provider && holder == other.holder
    }
}

extension ShareRecord {
    /// Nil where what takes the share back is missing or impossible.
    package init?(_ json: JSONValue) {
        guard let hostname = json["hostname"]?.string.flatMap({ Hostname($0) }),
            let provider = json["provider"]?.string.flatMap(SharingProvider.init),
            let port = json["port"]?.integer.flatMap({ Port($0) }),
            let holder = json["holder"]?.object.flatMap({ ProcessIdentity(entry: $0) })
        else { return nil }
        self.init(hostname: hostname, provider: provider, port: port, holder: holder)
        url = json["url"]?.string.flatMap { SharedURL($0)?.description }
        httpsPort = json["httpsPort"]?.integer.flatMap { Port($0) }
        tunnel = json["tunnel"]?.object.flatMap { ProcessIdentity(entry: $0) }
        isSeparate = json["separate"]?.bool ?? false
        expiresAt = json["expiresAt"]?.string.flatMap { Timestamp(parsing: Array($0.utf8)) }
        hasPassword = json["password"]?.bool ?? false
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "hostname": .string(hostname.description), "provider": .string(provider.rawValue),
            "port": .integer(port.rawValue),
        ]
        object["url"] = url.map(JSONValue.string)
        object["httpsPort"] = httpsPort.map { .integer($0.rawValue) }
        object["tunnel"] = tunnel.map(Self.json)
        object["holder"] = Self.json(holder)
        object["separate"] = .bool(isSeparate)
        object["expiresAt"] = expiresAt.map { .string($0.preciseText) }
        object["password"] = .bool(hasPassword)
        return .object(object)
    }

    private static func json(_ process: ProcessIdentity) -> JSONValue {
        var object = JSONObject()
        process.write(to: &object)
        return .object(object)
    }
}

/// An address that a service gave: HTTPS, a name of several labels, nothing after it.
///
/// A tool's output is not ours, so the address must not be one of this machine's own names, which
/// would lead the proxy astray.
package struct SharedURL: Hashable, Sendable, CustomStringConvertible {
    package let host: Hostname
    package let port: Port?

    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 300, text.lowercased().hasPrefix("https://") else { return nil }
        let authority = text.dropFirst("https://".count).prefix { !"/?#".contains($0) }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let name = parts.first, let host = Hostname(name),
            host.labels.count > 1, host.labels.last?.contains(where: \.isLetter) == true,
            !["localhost", "local", "internal"].contains(host.labels.last)
        else { return nil }
        var port: Port?
        if parts.count == 2 {
            guard let number = Int(parts[1]), let valid = Port(number) else { return nil }
            port = valid == 443 ? nil : valid
        }
        self.init(host: host, port: port)
    }

    package init(host: Hostname, port: Port?) {
        self.host = host
        self.port = port
    }

    package var description: String {
        port.map { "https://\(host):\($0)" } ?? "https://\(host)"
    }
}
