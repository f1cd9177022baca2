import HostSystem
import Machine
import NIOCore
import PortlessCore
import Server

/// `portless trust --phone`: serves the authority for exactly as long as the command runs.
struct PhoneTrustSession {
    /// Nil: until a signal.
    let limit: Duration?
    /// Nil: any free one.
    let port: Port?

    /// A longer time than a day is none.
    private static let longest = 86_400

    static func limit(_ text: String) throws -> Duration {
        guard let seconds = Int(text), (1...longest).contains(seconds) else {
            throw Failure(
                "Invalid --timeout \"\(text)\".",
                remedy: "It is a number of seconds, from 1 to \(longest).",
            )
        }
        return .seconds(seconds)
    }

    func run(_ context: CommandContext) throws {
        // Before anything starts a thread.
        let signals = SignalQueue([.interrupt, .terminate, .hangUp])
        let directory = try context.preparedStateDirectory()
        let proxy = try context.describeProxy()
        _ = try AuthorityStore(directory: directory)
            .prepare(topLevelDomains: proxy.tlds.map(\.hostname))
        guard let certificate = try TrustedCertificate.current(in: directory) else {
            throw Failure("CA certificate not found.", remedy: "portless doctor")
        }
        let pinned = try ProxyRequest(environment: context.environment).lanAddress
        guard let address = pinned.flatMap({ IPAddress($0) }) ?? context.lanAddress() else {
            throw Failure(
                "This machine has no address in a local network, or several.",
                remedy: "Join a network, or name the address: --ip 192.168.1.20",
            )
        }
        let site = PhoneTrust(certificate, secret: APIToken.random(bytes: 16))
        let listener = try listen(site, address)
        defer { try? listener.close().wait() }
        let place = SocketAddress(
            address,
            port: UInt16(exactly: listener.localAddress?.port ?? 0) ?? 0,
        )
        let url = "http://\(place)\(site.path)"
        let console = context.console
        if let code = try? QRCode(url) { console.print(code) }
        console.print(url)
        console.say("SHA-256 fingerprint: \(site.fingerprint)")
        if !proxy.isLAN {
            console.say("The names reach phones once the proxy runs in LAN mode: proxy start --lan")
        }
        console.say("Open it on the phone, in this network. Ctrl-C ends it.")
        _ = signals.next(timeout: limit)
        console.say("The authority isn't served any more.")
    }

    private func listen(_ site: PhoneTrust, _ address: IPAddress) throws -> any Channel {
        do {
            return try PhoneTrustServer(site: site, address: address, port: port?.number ?? 0)
                .start()
        } catch {
            throw Failure(
                "\(address) can't be listened on: \(error).",
                remedy: "Name an address of this machine with --ip, or a free port with --port.",
            )
        }
    }
}
