package import HostSystem
package import SystemPackage

/// The running server, as `server.json` describes it.
package struct ServerRecord: Hashable, Sendable {
    package var version: String
    /// The holder, which ends the server with itself.
    package var process: ProcessIdentity
    /// The PID of the server under it.
    package var daemon: Int32?
    package var host: String
    package var port: Port
    package var usesTLS: Bool
    /// The plain HTTP port on loopback beside an HTTPS port, if it could be had.
    package var mirrorPort: Port?
    /// The Unix domain socket that commands speak to it by.
    package var socket: FilePath
    /// The open ports of features.
    package var features: [FeaturePort]

    package init(
        version: String,
        process: ProcessIdentity,
        daemon: Int32? = nil,
        host: String,
        port: Port,
        usesTLS: Bool,
        mirrorPort: Port?,
        socket: FilePath,
        features: [FeaturePort] = [],
    ) {
        self.version = version
        self.process = process
        self.daemon = daemon
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.mirrorPort = mirrorPort
        self.socket = socket
        self.features = features
    }

    init?(_ json: JSONValue) {
        guard let object = json.object, let version = object["version"]?.string,
            let process = ProcessIdentity(entry: object), let host = object["host"]?.string,
            let port = object["port"]?.integer.flatMap({ Port($0) }),
            let socket = object["socket"]?.string
        else { return nil }
        self.init(
            version: version,
            process: process,
            daemon: object["daemon"]?.integer(as: Int32.self),
            host: host,
            port: port,
            usesTLS: object["tls"]?.bool ?? false,
            mirrorPort: object["mirrorPort"]?.integer.flatMap { Port($0) },
            socket: FilePath(socket),
            features: (object["features"]?.array ?? []).compactMap(FeaturePort.init),
        )
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "version": .string(version), "host": .string(host),
            "port": .integer(port.number), "tls": .bool(usesTLS),
            "mirrorPort": mirrorPort.map { .integer($0.number) } ?? .null,
            "socket": .string(socket.string),
        ]
        process.write(to: &object)
        object["daemon"] = daemon.map(JSONValue.integer)
        if !features.isEmpty { object["features"] = .array(features.map(\.json)) }
        return .object(object)
    }

    /// Where programs of this computer reach it without a certificate.
    package var localURL: String {
        if usesTLS, let mirrorPort { return "http://localhost:\(mirrorPort)" }
        return "\(usesTLS ? "https" : "http")://localhost:\(port)"
    }
}

/// An open port of a feature.
package struct FeaturePort: Hashable, Sendable {
    package var port: Port
    package var label: String
    package var owner: String

    package init(_ endpoint: CoreEndpoint, port: Port) {
        self.port = port
        label = endpoint.label
        owner = endpoint.owner
    }

    init?(_ json: JSONValue) {
        guard let port = json["port"]?.integer.flatMap({ Port($0) }),
            let label = json["label"]?.string, let owner = json["owner"]?.string
        else { return nil }
        (self.port, self.label, self.owner) = (port, label, owner)
    }

    package var json: JSONValue {
        .object([
            "port": .integer(port.number), "label": .string(label), "owner": .string(owner),
        ])
    }
}

extension StateDirectory {
    /// The server that wrote `server.json` last; what can't be understood counts as absent.
    package func serverRecord() throws -> ServerRecord? {
        try text(of: .serverFile).flatMap { try? JSONValue(parsing: $0.utf8) }
            .flatMap(ServerRecord.init)
    }

    /// The open ports of features, of the server that runs.
    var runningFeatures: [FeaturePort] {
        guard let record = try? serverRecord(), record.process.isAlive else { return [] }
        return record.features
    }

    package func write(_ record: ServerRecord) throws {
        try write(record.json.formatted + "\n", to: self[.serverFile])
    }

    /// Removes the file unless another server has written its own since.
    package func removeServerRecord(of process: ProcessIdentity) throws {
        guard let record = try serverRecord(), record.process.isCompatible(with: process) else {
            return
        }
        try FileSystem.removeFile(self[.serverFile])
    }
}
