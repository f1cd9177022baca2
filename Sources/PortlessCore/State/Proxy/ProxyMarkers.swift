package import HostSystem

/// The proxy that runs on a state directory, or ran and was killed, as its files describe it.
package struct ProxyMarkers: Hashable, Sendable {
    package var pid: Int32?
    package var port: Port?
    package var usesTLS = false
    package var usesCustomCertificate = false
    package var tlds: [TLD] = [.localhost]
    /// The lines of the list of TLDs that are none.
    package var invalidTLDs: [String] = []
    /// The address under which the proxy is published in the local network.
    package var lanAddress: String?
    /// The record of our own proxy; outdated if the original has been started since.
    package var record: ProxyRecord?

    package init() {}

    /// Whether it serves the local network, or did when it was killed.
    package var isLAN: Bool { lanAddress != nil || record?.isLAN == true }

    /// Nil where the proxy is the original's.
    package var version: String? { record?.process.pid == pid ? record?.version : nil }

    /// The process, with its start time if the proxy is ours.
    package var process: ProcessIdentity? {
        guard let pid = pid ?? record?.process.pid else { return nil }
        if let record, record.process.pid == pid { return record.process }
        return ProcessIdentity(pid: pid, startTime: nil)
    }

    /// Whether the original's proxy, which watches files rather than names, runs here.
    package func isOriginalRunning(isAlive: (ProcessIdentity) -> Bool = \.isAlive) -> Bool {
        guard let pid else { return false }
        if let record, record.process.pid == pid, isAlive(record.process) { return false }
        return isAlive(ProcessIdentity(pid: pid, startTime: nil))
    }
}

/// What only our own proxy records about itself.
///
/// It also shows that the proxy isn't the original, whose watcher goes blind when `routes.json` is
/// replaced rather than overwritten.
package struct ProxyRecord: Hashable, Sendable {
    package let version: String
    /// The holder, which ends the proxy with itself.
    package let process: ProcessIdentity
    /// The PID of the proxy under it, for people and for measurements.
    package let daemon: Int32?
    /// Where it listens; nil in records of older versions.
    package let port: Port?
    /// Whether it serves the local network, also while the machine has no address there.
    package let isLAN: Bool

    package init(
        version: String,
        process: ProcessIdentity,
        daemon: Int32? = nil,
        port: Port? = nil,
        isLAN: Bool = false,
    ) {
        self.version = version
        self.process = process
        self.daemon = daemon
        self.port = port
        self.isLAN = isLAN
    }

    init?(_ value: JSONValue) {
        guard let version = value["version"]?.string,
            let process = value.object.flatMap(ProcessIdentity.init(entry:))
        else { return nil }
        self.init(
            version: version,
            process: process,
            daemon: value["daemon"]?.integer(as: Int32.self),
            port: value["port"]?.integer.flatMap { Port($0) },
            isLAN: value["lan"]?.bool == true,
        )
    }

    var json: JSONValue {
        var object: JSONObject = ["version": .string(version)]
        process.write(to: &object)
        object["daemon"] = daemon.map(JSONValue.integer)
        object["port"] = port.map { .integer($0.rawValue) }
        if isLAN { object["lan"] = .bool(true) }
        return .object(object)
    }
}

extension StateDirectory {
    /// Reads the markers; what can't be understood counts as absent, as it does for the original.
    package func proxyMarkers() throws -> ProxyMarkers {
        var markers = ProxyMarkers()
        markers.pid = try text(of: .proxyPID).flatMap { Int32($0.trimmingBlanks) }
            .flatMap { $0 > 0 ? $0 : nil }
        markers.port = try text(of: .proxyPort).flatMap { Port($0.trimmingBlanks) }
        markers.usesTLS = try text(of: .proxyTLS) != nil
        markers.usesCustomCertificate = try text(of: .proxyCustomCertificate) != nil
        (markers.tlds, markers.invalidTLDs) = Self.tlds(
            list: try text(of: .proxyTLDs),
            first: try text(of: .proxyTLD),
        )
        markers.lanAddress = try text(of: .proxyLAN)?.trimmingBlanks
        markers.record = try text(of: .proxyRecord)
            .flatMap { try? JSONValue(parsing: $0.utf8) }
            .flatMap(ProxyRecord.init)
        // A start time proves the holder, whatever has become of the plain files.
        if let record = markers.record, record.process.isVerified {
            markers.pid = record.process.pid
            markers.port = record.port ?? markers.port
        }
        return markers
    }

    /// Writes the markers; those that other processes read first come last.
    package func write(_ markers: ProxyMarkers) throws {
        try set(.proxyRecord, to: markers.record?.json.formatted)
        try set(.proxyTLS, to: markers.usesTLS ? "1" : nil)
        try set(.proxyCustomCertificate, to: markers.usesCustomCertificate ? "1" : nil)
        let isDefault = markers.tlds == [.localhost]
        try set(
            .proxyTLDs,
            to: isDefault ? nil : markers.tlds.map { "\($0)\n" }.joined(),
        )
        try set(.proxyTLD, to: isDefault ? nil : markers.tlds.first?.description)
        try set(.proxyLAN, to: markers.lanAddress)
        try set(.proxyPort, to: markers.port?.description)
        try set(.proxyPID, to: markers.pid.map { String($0) })
    }

    /// Removes the markers unless another proxy has written its own since.
    ///
    /// With `keepingSettings` they don't name a process any more, as if the proxy had been killed.
    package func removeProxyMarkers(
        of process: ProcessIdentity,
        keepingSettings: Bool = false,
    ) throws {
        var markers = try proxyMarkers()
        if let other = markers.process, !other.isCompatible(with: process) { return }
        markers.pid = nil
        markers.record = nil
        try FileSystem.removeFile(self[.hostsSyncToken])
        try FileSystem.removeFile(self[.proxyMDNS])
        try write(keepingSettings ? markers : ProxyMarkers())
    }

    /// The port on which the proxy answers DNS; nil where it doesn't.
    package func dnsPort() throws -> Port? {
        try text(of: .proxyDNS).flatMap { Port($0.trimmingBlanks) }
    }

    package func setDNSPort(_ port: Port?) throws {
        try set(.proxyDNS, to: port?.description)
    }

    private func set(_ file: StateFile, to text: String?) throws {
        let path = self[file]
        if let text { try write(text, to: path) } else { try FileSystem.removeFile(path) }
    }

    /// One a line, or a JSON array, or separated by commas: all three have been written.
    private static func tlds(list: String?, first: String?) -> ([TLD], invalid: [String]) {
        var texts: [String] = []
        if let list, list.trimmingBlanks.hasPrefix("[") {
            let values = (try? JSONValue(parsing: list.utf8))?.array ?? []
            texts = values.compactMap(\.string)
        } else if let text = list ?? first {
            texts = text.split { $0.isNewline || $0 == "," }.map(\.trimmingBlanks)
        }
        var tlds: [TLD] = []
        var invalid: [String] = []
        for text in texts where !text.isEmpty {
            guard let tld = try? TLD(parsing: text) else {
                invalid.append(text)
                continue
            }
            if !tlds.contains(tld) { tlds.append(tld) }
        }
        return (tlds.isEmpty ? [.localhost] : tlds, invalid)
    }
}
