import ArgumentParser
import HostSystem
import PortlessCore
import Runner
import SystemPackage

/// What the state directory says of the proxy's listener for containers.
enum ContainerBridgeSetting: Equatable {
    case on(IPAddress)
    /// The user wants none.
    case off

    var address: IPAddress? {
        if case .on(let address) = self { address } else { nil }
    }
}

extension StateDirectory {
    private static let off = "off"

    /// Nil while nothing is decided.
    var containerBridge: ContainerBridgeSetting? {
        guard let text = (try? text(of: .containerBridge))?.trimmingBlanks else { return nil }
        if text == Self.off { return .off }
        // A file that says anything else must not open the proxy to a network.
        return IPAddress(text).flatMap { $0.isAny || $0.isLoopback ? nil : .on($0) }
    }

    func setContainerBridge(_ setting: ContainerBridgeSetting) throws {
        try write(
            setting.address.map(\.description) ?? Self.off,
            to: self[.containerBridge],
        )
    }
}

/// Which peers are containers of this machine.
enum ContainerPeers {
    /// `br-` and twelve digits is how Docker calls the bridge of a network that a user or Compose made.
    private static let networkDigits = 12

    /// Whether a peer that has reached `local` may be served.
    ///
    /// Linux also answers on a bridge's address what comes from the local network, so the peer has to be
    /// in the network of a bridge.
    static func admits(
        _ peer: String,
        at local: String,
        bridge: IPAddress,
        interfaces: () -> [NetworkInterface] = NetworkInterface.all,
    ) -> Bool {
        guard let peer = IPAddress(peer)?.unmapped, IPAddress(local)?.unmapped == bridge else {
            return false
        }
        return interfaces().contains { isBridge($0.name) && $0.reaches(peer) }
    }

    static func isBridge(_ name: String) -> Bool {
        if ["docker", "podman", "cni-podman"].contains(where: name.hasPrefix) { return true }
        let digits = name.dropFirst(3)
        return name.hasPrefix("br-") && digits.count == networkDigits
            && digits.allSatisfy(\.isHexDigit)
    }
}

extension ProxySockets {
    /// With a listener for containers, where one is wanted and can be had.
    func addingBridge(_ context: CommandContext) -> ProxySockets {
        guard let address = (try? context.stateDirectory())?.containerBridge?.address else {
            return self
        }
        do {
            let socket = try LoopbackListeners.listen(onBridge: address, port: port.rawValue)
            return ProxySockets(port: port, main: main + [socket], redirects: redirects)
        } catch {
            context.console.warn("Containers can't reach the proxy: \(error)")
            return self
        }
    }
}

/// How containers reach the proxy of this machine.
struct ContainerBridge {
    /// The engine's own word for this machine.
    private static let gateway = "host-gateway"

    let context: CommandContext

    init(_ context: CommandContext) {
        self.context = context
    }

    /// Where a container finds the proxy; opens the listener that takes where none is open.
    ///
    /// From a virtual machine (macOS, Docker Desktop) this machine's loopback is reached. On Linux it
    /// isn't: there the proxy listens on the address of the engine's bridge, too.
    func host(of engine: ContainerEngine, _ proxy: ProxyDescription) throws -> String {
        guard let endpoint = try? engine.endpoint(), !endpoint.isVirtualMachine else {
            return Self.gateway
        }
        guard !endpoint.isRootless else {
            context.console.warn(
                """
                Containers of a rootless engine don't reach this machine's proxy by themselves; \
                docs/containers.md says how they do.
                """
            )
            return Self.gateway
        }
        guard let address = try address(of: endpoint) else { return Self.gateway }
        let directory = proxy.stateDirectory
        guard directory.containerBridge != .off else {
            context.console.warn(
                "Containers don't reach the names. To let them: portless docker bridge on"
            )
            return address.description
        }
        do {
            try open(address, proxy)
        } catch let failure as Failure {
            // The container is what was asked for.
            context.console.warn("Containers don't reach the names yet. \(failure)")
        }
        return address.description
    }

    /// The bridge's address on this machine; nil where the engine doesn't tell.
    func address(of endpoint: EngineEndpoint) throws -> IPAddress? {
        try waiting { try? await EngineClient(endpoint: endpoint).bridge() }
    }

    func isOpen(_ address: IPAddress, _ proxy: ProxyDescription) -> Bool {
        let sockets = (try? ListeningSockets.on(port: proxy.port.rawValue)) ?? []
        return sockets.contains {
            let local = $0.local.address.unmapped
            return local == address || local.isAny
        }
    }

    func open(_ address: IPAddress, _ proxy: ProxyDescription) throws {
        let directory = proxy.stateDirectory
        let isKnown = directory.containerBridge == .on(address)
        guard !isKnown || !isOpen(address, proxy) else { return }
        try directory.setContainerBridge(.on(address))
        try restart(proxy)
        guard isOpen(address, try context.describeProxy()) else {
            throw Failure(
                "The proxy doesn't listen on \(address), where containers would find it.",
                remedy: "See why: \(directory[.proxyLog])",
            )
        }
        context.console.say(
            """
            -- The proxy also serves this machine's containers, at \(address). To end that: \
            portless docker bridge off
            """
        )
    }

    func close() throws {
        let directory = try context.preparedStateDirectory()
        let proxy = try context.describeProxy()
        let address = directory.containerBridge?.address
        try directory.setContainerBridge(.off)
        if let address, proxy.isRunning, isOpen(address, proxy) { try restart(proxy) }
    }

    /// Starts the proxy again as it was, with other sockets, which its holder has.
    private func restart(_ proxy: ProxyDescription) throws {
        let byHand = Failure(
            "The proxy has to be started again for that.",
            remedy: "portless proxy stop && portless proxy start",
        )
        guard let holder = try DaemonKind.proxy.holder(in: proxy.stateDirectory),
            holder.isVerified, let words = ProcessDetails.commandLine(of: holder.pid),
            words.dropFirst().starts(with: ["proxy", "start"]), words.contains("--detached")
        else { throw byHand }
        // A proxy that couldn't be started again would be missed.
        guard !context.isPortDenied(proxy.port.rawValue) || Elevation(context: context).isPossible
        else { throw byHand }
        let own = ["--foreground", "--detached", "--alone", "--may-fall-back"]
        let arguments = words.dropFirst(3).filter { !own.contains($0) }
        guard let command = try? ProxyStartCommand.parse(Array(arguments)) else { throw byHand }
        let control = ProxyControl(context)
        guard try control.stop() == .stopped else { throw byHand }
        _ = try control.start(command.settings.request(context), mayFallBack: false)
    }
}
