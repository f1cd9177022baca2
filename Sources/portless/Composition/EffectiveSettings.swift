import HostSystem
import NIOCore
import PortlessCore
import Projects
import Server
import SystemPackage

/// All settings that hold in a folder, each with its origin.
struct EffectiveSettings {
    private let context: CommandContext
    private let layers: ProxyRequestLayers
    private let directory: StateDirectory
    private let userFile: ConfiguredProxy

    init(_ context: CommandContext, flags: ProxyRequest) throws {
        self.context = context
        directory = try context.stateDirectory()
        userFile = try context.userProxySettings().proxy
        let flagLayer = ProxyRequestLayers.Layer(flags) { .flag($0.flag ?? "") }
        let others = try context.proxyRequests(ignoringBrokenFiles: false)
        layers = ProxyRequestLayers([flagLayer] + others.layers)
    }

    var all: [EffectiveSetting] {
        get throws { try proxy() + hosts() + server() + [ranges(), jobs(), stateDirectory()] }
    }

    // MARK: The proxy

    private func proxy() throws -> [EffectiveSetting] {
        let request = layers.request
        let markers = try directory.proxyMarkers()
        // A proxy that runs is compared with the request, not continued.
        let isRunning = markers.process?.isAlive == true
        let settings = ProxySettings(isRunning ? request : request.continuing(markers))
        var result = ProxySetting.allCases.map { setting in
            let value: JSONValue =
                switch setting {
                case .https: .bool(settings.usesTLS)
                case .port: .integer(settings.port.rawValue)
                case .tld: .array(settings.tlds.map { .string($0.description) })
                case .wildcard: .bool(settings.usesWildcards)
                case .unprivileged: .bool(request.isUnprivileged ?? false)
                }
            var origin = layers.origin(of: setting)
            if origin == .usual, !isRunning, markers.port != nil,
                [.https, .port, .tld].contains(setting)
            {
                origin = .lastRun
            }
            return EffectiveSetting(name: setting.rawValue, value: value, origin: origin)
        }
        result.append(
            EffectiveSetting(
                name: "lan",
                value: .bool(settings.isLAN),
                origin: variable("PORTLESS_LAN_IP", else: variable("PORTLESS_LAN")),
            )
        )
        result.append(
            EffectiveSetting(
                name: "bootWait",
                value: .integer(
                    try BootWait.limit(context.environment).nanoseconds / 1_000_000_000
                ),
                origin: variable(BootWait.variable),
            )
        )
        return result
    }

    private func hosts() throws -> [EffectiveSetting] {
        var origin = variable("PORTLESS_SYNC_HOSTS", isSetWhenEmpty: true)
        if origin == .usual {
            let project = try ConfiguredProxy.ofProject(in: context.workingDirectory)
            let own = project.first { $0.proxy.syncsHosts != nil }
            if let own, let (file, line) = own.proxy.origin(of: "syncHosts") {
                origin = .project(own.folder.appending(file), line: line)
            } else if userFile.syncsHosts != nil {
                origin = user("syncHosts")
            }
        }
        return [
            EffectiveSetting(name: "syncHosts", value: .bool(context.syncsHosts), origin: origin)
        ]
    }

    // MARK: The server and the ports

    private func server() throws -> [EffectiveSetting] {
        let settings = try ServerSettings(environment: context.environment)
        var result = [
            EffectiveSetting(
                name: "server.port",
                value: .integer(settings.port.rawValue),
                origin: variable("PORTLESS_API_PORT"),
            ),
            EffectiveSetting(
                name: "server.mirrorPort",
                value: .integer(settings.mirrorPort.rawValue),
                origin: variable("PORTLESS_API_LOCAL_PORT", else: variable("PORTOS_HTTP_PORT")),
            ),
        ]
        for feature in Feature.allCases {
            for endpoint in feature.endpoints {
                guard let name = endpoint.variable else { continue }
                result.append(
                    EffectiveSetting(
                        name: "\(feature.rawValue).\(endpoint.label).port",
                        value: .integer((settings.movedPorts[endpoint] ?? endpoint.port).rawValue),
                        origin: variable(name),
                    )
                )
            }
        }
        return result
    }

    private func ranges() throws -> EffectiveSetting {
        let ranges = try PortSettings.read(from: directory).ranges
        let hasOwn = ranges != PortSettings.standard.ranges
        return EffectiveSetting(
            name: "ports.ranges",
            value: .array(ranges.map { .string("\($0.first)-\($0.last)") }),
            origin: hasOwn ? user("ports") : .usual,
        )
    }

    private func jobs() throws -> EffectiveSetting {
        let text = try directory.text(of: .configuration) ?? "{}"
        let allowed = try? JSONValue(parsing: text.utf8)["jobs"]?["allow"]
        return EffectiveSetting(
            name: "jobs.allow",
            value: allowed ?? .string("all"),
            origin: allowed == nil ? .usual : user("jobs"),
        )
    }

    private func stateDirectory() -> EffectiveSetting {
        EffectiveSetting(
            name: "stateDirectory",
            value: .string(directory.path.string),
            origin: variable("PORTLESS_STATE_DIR"),
        )
    }

    // MARK: Origins

    private func variable(
        _ name: String,
        isSetWhenEmpty: Bool = false,
        else other: SettingOrigin = .usual,
    ) -> SettingOrigin {
        guard let text = context.environment[name], isSetWhenEmpty || !text.isEmpty else {
            return other
        }
        return .environment(variable: name)
    }

    private func user(_ key: String) -> SettingOrigin {
        let line = userFile.origin(of: key)?.line ?? 1
        return .user(directory[.configuration], line: line)
    }
}
