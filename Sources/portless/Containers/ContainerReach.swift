import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// What a container gets so that the machine's names mean the same inside: their addresses, and the
/// authority that its runtimes are to trust.
struct ContainerReach: Equatable {
    /// Where the files are inside.
    private static let folder = "/etc/portless"
    private static let authority = FilePath("\(folder)/ca.pem")
    private static let bundle = FilePath("\(folder)/ca-bundle.pem")

    /// The names that are to lead to the machine's proxy.
    var names: [Hostname]
    /// Where the proxy is, seen from the container: an address, or `host-gateway`.
    var host: String
    /// The authority's file on this machine; nil where the proxy speaks plain HTTP.
    var authorityFile: FilePath?
    /// The file of all roots; nil where the system's are unknown.
    var bundleFile: FilePath?

    /// The file to mount, and where.
    var mounts: [(source: FilePath, target: FilePath)] {
        [(authorityFile, Self.authority), (bundleFile, Self.bundle)].compactMap { file, target in
            file.map { ($0, target) }
        }
    }

    /// The variables that make runtimes trust the names, but those that `taken` has.
    func variables(besides taken: Set<String>) -> [(name: String, value: String)] {
        guard authorityFile != nil else { return [] }
        let values = RuntimeVariables.values(
            ca: Self.authority,
            bundle: bundleFile.map { _ in Self.bundle },
            environment: [:],
            including: { _ in nil },
        )
        return values.filter { !taken.contains($0.key) }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }

    /// The lines of the hosts file; Docker knows the last one on some systems only.
    var hosts: [String] {
        (names.map(\.description) + ["host.docker.internal"]).map { "\($0):\(host)" }
    }
}

/// The arguments of `docker run`.
enum DockerRunArguments {
    /// `user` is what the caller wrote after `--`: flags, image, command.
    ///
    /// Ours come first, so that the user's own flags count more.
    static func make(
        name: AppName?,
        port: Port?,
        reach: ContainerReach,
        user: [String],
    ) -> [String] {
        var arguments = ["run"]
        if let name { arguments += ["--label", "\(Container.nameLabel)=\(name)"] }
        if let port {
            arguments += ["--label", "\(Container.portLabel)=\(port)"]
            // The engine chooses a free port of this machine.
            arguments += ["--publish", "127.0.0.1::\(port)"]
        }
        if !reach.names.isEmpty, !sharesNetwork(user) {
            arguments += reach.hosts.flatMap { ["--add-host", $0] }
        }
        for mount in reach.mounts {
            arguments += ["--volume", "\(mount.source):\(mount.target):ro"]
        }
        for variable in reach.variables(besides: []) {
            arguments += ["--env", "\(variable.name)=\(variable.value)"]
        }
        return arguments + user
    }

    /// Whether the container has another one's network, or the machine's, and no hosts file of its own.
    private static func sharesNetwork(_ user: [String]) -> Bool {
        var words = user[...]
        while let word = words.popFirst() {
            let value: String?
            switch word {
            case "--network", "--net": value = words.first
            case _ where word.hasPrefix("--network="): value = String(word.dropFirst(10))
            case _ where word.hasPrefix("--net="): value = String(word.dropFirst(6))
            default: value = nil
            }
            if let value, ["host", "none"].contains(value) || value.hasPrefix("container:") {
                return true
            }
        }
        return false
    }
}
