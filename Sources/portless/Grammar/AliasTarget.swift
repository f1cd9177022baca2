import HostSystem
import PortlessCore
import SystemPackage

/// What an alias leads to, as the user writes it.
///
/// `3000`, `localhost:3000`, `http://127.0.0.1:3000`, `https://localhost:8443`,
/// `unix:/run/app.sock`.
struct AliasTarget: Equatable {
    var place: Route.Place
    /// Set by `https://`, which also says for whom the certificate is.
    var tls: UpstreamTLS?

    /// The shortest limit of all systems for the path of a socket, without its final zero (macOS).
    private static let longestSocketPath = 103

    /// `resolve` makes a path absolute.
    init(argument text: String, resolve: (String) -> FilePath) throws {
        if text.hasPrefix("unix:") {
            var path = text.dropFirst("unix:".count)
            if path.hasPrefix("//") { path = path.dropFirst(2) }
            self.init(place: .socket(try Self.socket(resolve(String(path)), text)))
            return
        }
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts.count == 2 ? parts[0].lowercased() : nil
        guard scheme != nil || text.contains(":") else {
            self.init(place: .port(try Port(argument: text)))
            return
        }
        guard scheme == nil || scheme == "http" || scheme == "https" else {
            throw Failure(
                "Portless can't lead a name to \(text).",
                remedy: "It can to a port, http://, https:// and unix:<path>.",
            )
        }
        var authority = parts[parts.count - 1]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        guard !authority.contains("/"), let colon = authority.lastIndex(of: ":") else {
            throw Failure(
                "\(text) is no address with a port.",
                remedy: "For example: \(scheme ?? "http")://localhost:8443",
            )
        }
        let host = authority[..<colon].lowercased()
        let port = try Port(argument: String(authority[authority.index(after: colon)...]))
        guard Self.isHere(host) else {
            throw Failure(
                "\(host) is another machine, and names lead to this one only.",
                remedy: "Forward a port of it, as in `ssh -L \(port):localhost:\(port) \(host)`, "
                    + "and name that.",
            )
        }
        let isName = host.last.map { $0.isLetter } ?? false
        self.init(
            place: .port(port),
            tls: scheme == "https" ? UpstreamTLS(serverName: isName ? host : nil) : nil,
        )
    }

    private init(place: Route.Place, tls: UpstreamTLS? = nil) {
        (self.place, self.tls) = (place, tls)
    }

    private static func isHere(_ host: String) -> Bool {
        ["localhost", "127.0.0.1", "[::1]"].contains(host) || host.hasSuffix(".localhost")
    }

    private static func socket(_ path: FilePath, _ text: String) throws -> FilePath {
        guard path.string.utf8.count <= longestSocketPath else {
            throw Failure(
                "\(path) is too long for a socket: systems allow \(longestSocketPath) bytes.",
                remedy: "Let the server listen at a shorter path.",
            )
        }
        guard text != "unix:", let name = path.lastComponent?.string else {
            throw Failure("\(text) names no socket.", remedy: "For example: unix:/tmp/app.sock")
        }
        guard !["docker.sock", "podman.sock", "containerd.sock"].contains(name) else {
            throw Failure(
                "\(path) lets every caller run programs as root, so it gets no name that web pages "
                    + "could ask.",
                remedy: "Name the containers' ports instead.",
            )
        }
        if let status = try FileStatus.of(path), !status.isSocket {
            throw Failure(
                "\(path) is no socket.",
                remedy: "Name the path that the server listens at.",
            )
        }
        return path
    }
}
