import Crypto
import HostSystem
package import SystemPackage

/// Where the engine that runs containers is asked: a Unix domain socket of this machine.
package struct EngineEndpoint: Hashable, Sendable {
    package var socket: FilePath

    package init(socket: FilePath) {
        self.socket = socket
    }

    /// Such as `unix:///var/run/docker.sock`.
    package var description: String { "unix://\(socket)" }

    /// Whether the engine runs in a virtual machine, from which this machine's loopback is reached.
    package var isVirtualMachine: Bool {
        let path = socket.string
        return Platform.isDarwin
            || [".docker/desktop", ".orbstack", ".colima", ".lima", ".rd/"]
                .contains(where: path.contains)
    }

    /// Whether it runs without root, in a network of its own.
    package var isRootless: Bool { socket.string.hasPrefix("/run/user/") }
}

/// Looks where the engine is, as the `docker` command does, and then in the usual places.
package struct EngineSearch {
    package enum Finding: Hashable, Sendable {
        case endpoint(EngineEndpoint)
        /// None, with the reason in a sentence.
        case none(String)
    }

    package var environment: [String: String]
    package var home: FilePath?
    /// Whether a socket is there and may be used.
    package var isUsable: (FilePath) -> Bool
    package var read: (FilePath) -> [UInt8]?

    package init(
        environment: [String: String],
        home: FilePath?,
        isUsable: @escaping (FilePath) -> Bool,
        read: @escaping (FilePath) -> [UInt8]?,
    ) {
        self.environment = environment
        self.home = home
        self.isUsable = isUsable
        self.read = read
    }

    package func find() -> Finding {
        for (name, chosen) in [("DOCKER_HOST", host("DOCKER_HOST")), ("The context", context)] {
            if let chosen { return finding(chosen, from: name) }
        }
        if let chosen = host("CONTAINER_HOST") { return finding(chosen, from: "CONTAINER_HOST") }
        if let socket = usual.first(where: isUsable) {
            return .endpoint(EngineEndpoint(socket: socket))
        }
        return .none("No socket of Docker or Podman is readable.")
    }

    private func host(_ variable: String) -> String? { environment[variable]?.nilIfEmpty }

    private func finding(_ host: String, from source: String) -> Finding {
        guard host.hasPrefix("unix://") else {
            return .none(
                "\(source) names \(host.visibleLine.prefix(200)), and not a socket of this machine."
            )
        }
        let socket = FilePath(String(host.dropFirst("unix://".count)))
        guard isUsable(socket) else {
            return .none(
                "The socket \(socket.string.visibleLine) isn't there, or not for this user."
            )
        }
        return .endpoint(EngineEndpoint(socket: socket))
    }

    /// The host of the context that the `docker` command uses; nil for its default one.
    private var context: String? {
        let folder =
            environment["DOCKER_CONFIG"]?.nilIfEmpty.map { FilePath($0) }
            ?? home?.appending(".docker")
        guard let folder else { return nil }
        let settings = read(folder.appending("config.json")).flatMap { try? JSONValue(parsing: $0) }
        let name = host("DOCKER_CONTEXT") ?? settings?["currentContext"]?.string ?? ""
        guard !name.isEmpty, name != "default" else { return nil }
        let hash = SHA256.hash(data: Array(name.utf8)).hexadecimal
        let file = folder.appending("contexts/meta").appending(hash).appending("meta.json")
        let context = read(file).flatMap { try? JSONValue(parsing: $0) }
        return context?["Endpoints"]?["docker"]?["Host"]?.string?.nilIfEmpty
    }

    private var usual: [FilePath] {
        let runtime = environment["XDG_RUNTIME_DIR"]?.nilIfEmpty.map { FilePath($0) }
        return [
            "/var/run/docker.sock",
            runtime?.appending("docker.sock"),
            home?.appending(".docker/run/docker.sock"),
            home?.appending(".docker/desktop/docker.sock"),
            home?.appending(".orbstack/run/docker.sock"),
            home?.appending(".colima/default/docker.sock"),
            home?.appending(".rd/docker.sock"),
            runtime?.appending("podman/podman.sock"),
            "/run/podman/podman.sock",
            home?.appending(".local/share/containers/podman/machine/podman.sock"),
        ].compactMap(\.self)
    }
}
