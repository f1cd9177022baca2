import ArgumentParser
import PortlessCore
import Projects

/// `portless qr [name]`: opens an app on a phone.
struct QRCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "qr",
        abstract: "Print a QR code that opens an app on a phone.",
        discussion: """
            It leads to the app's name in the local network, or to the address that it is shared \
            under. The phone trusts the names after: portless trust --phone
            """,
    )

    @Flag(help: "Print the URL and where it is reached from, as JSON.")
    var json = false

    @Argument(help: "The app's name.")
    var name: String?

    func run(_ context: CommandContext) throws {
        let proxy = try context.describeProxy()
        let entries = try context.routes().list()
        let hostname = try OpenCommand.choose(
            name,
            routed: AppLinks.names(of: entries.filter { $0.upstreamProtocol != .tcp }),
            proxy: proxy,
            project: try? NameInference.infer(in: context.workingDirectory).name,
            prefix: context.project.worktreePrefix,
        )
        let shares = (try? SharesStore(directory: context.stateDirectory()).live()) ?? []
        let link = try AppLinks.link(
            to: hostname,
            proxy: proxy,
            entries: entries,
            shares: shares,
        )
        guard !json else {
            let value: JSONValue = .object([
                "name": .string(hostname.description), "url": .string(link.url),
                "reach": .string(link.reach),
            ])
            context.console.print(value.formatted)
            return
        }
        do {
            context.console.print(try QRCode(link.url))
        } catch {
            throw Failure("\(error)", remedy: "Open it by hand: \(link.url)")
        }
        context.console.print(link.url)
        if case .refused(let reason)? = try proxy.stateDirectory.mdnsStatus()?
            .state(of: link.name), link.reach == "lan"
        {
            context.console.warn("\(link.name) isn't published in the network now: \(reason)")
        }
    }
}

/// The address by which a phone reaches an app.
struct AppLinks: Equatable {
    let url: String
    /// The name that the URL has.
    let name: String
    /// `lan`, `tailnet` or `public`.
    let reach: String

    /// An app's names, each once: those of its own before those of its labels.
    static func names(of entries: [RouteEntry]) -> [Hostname] {
        // The same app has a name under each TLD; the one that the network knows stands for it.
        let names = entries.compactMap { Hostname($0.hostname) }
        let local = names.filter { $0.isInLocalNetwork }
        let stems = Set(local.map(\.stem))
        return local + names.filter { !$0.isInLocalNetwork && !stems.contains($0.stem) }
    }

    /// The one in the local network, else what the app is shared under.
    static func link(
        to hostname: Hostname,
        proxy: ProxyDescription,
        entries: [RouteEntry],
        shares: [ShareRecord],
    ) throws -> AppLinks {
        if proxy.isRunning, proxy.isLAN, hostname.isInLocalNetwork {
            return AppLinks(
                url: proxy.url(for: hostname),
                name: hostname.description,
                reach: "lan",
            )
        }
        let same = entries.filter { Hostname($0.hostname)?.stem == hostname.stem }
        if let share = same.flatMap({ $0.shares(of: shares) }).first {
            return AppLinks(
                url: share.url,
                name: hostname.description,
                reach: share.provider.reach.rawValue,
            )
        }
        throw Failure(
            "\(hostname) is reached from this machine only.",
            remedy: "Serve the local network: portless proxy stop && portless proxy start --lan",
        )
    }
}

extension Hostname {
    /// The name without its last label.
    fileprivate var stem: Substring {
        description.prefix(upTo: description.lastIndex(of: ".") ?? description.endIndex)
    }
}
