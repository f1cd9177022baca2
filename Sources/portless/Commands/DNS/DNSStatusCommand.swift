import ArgumentParser
import HostSystem
import Machine
import PortlessCore

/// `portless dns status`.
struct DNSStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether the proxy answers DNS, and whether this machine asks it.",
        discussion: "Exits with 1 unless both do.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let directory = try context.stateDirectory()
        let port = try directory.dnsPort()
        let tlds = try directory.proxyMarkers().tlds
        let resolver = SystemResolver(context)
        let holder = port.map { DNSControl(context).holder(of: $0) }
        let status = resolver.status(tlds: tlds, port: port ?? ResolverFiles.usualPort)
        let works = holder == .proxy && status == .asksUs
        if json {
            var object: JSONObject = [
                "answers": .bool(holder == .proxy),
                "asked": .bool(status == .asksUs),
                "tlds": .array(tlds.map { .string($0.description) }),
            ]
            object["port"] = port.map { .integer($0.rawValue) }
            object["resolver"] = resolver.resolver.map { .string($0.rawValue) }
            context.console.print(JSONValue.object(object).formatted)
        } else {
            context.console.print(Self.line(port, holder))
            context.console.print(Self.line(status, resolver.resolver))
        }
        if !works { throw ExitCode(1) }
    }

    private static func line(_ port: Port?, _ holder: DNSControl.Holder?) -> String {
        guard let port, let holder else {
            return "The proxy answers no DNS. To have it answer: portless dns install"
        }
        return switch holder {
        case .proxy: "The proxy answers on 127.0.0.1, port \(port)."
        case .none: "Nothing answers on port \(port). Start the proxy: portless proxy start"
        case .other(let name): "\(name) has port \(port), on which the proxy should answer."
        }
    }

    private static func line(
        _ status: SystemResolver.Status,
        _ resolver: ResolverFiles.Resolver?,
    ) -> String {
        guard let resolver else { return ResolverError.unknownResolver.description }
        return switch status {
        case .asksUs: "\(resolver.rawValue) asks it for the names."
        case .asksOthers: "\(resolver.rawValue) doesn't ask it: portless dns install"
        case .occupied(let path): ResolverError.occupied(path).description
        }
    }
}
