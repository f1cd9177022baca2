import HostSystem
import PortlessCore
import Projects
import SystemPackage

/// What is asked of the proxy: flags, then the environment, the project's files, the user's.
extension CommandContext {
    func proxyRequest(_ flags: ProxyRequest = ProxyRequest()) throws -> ProxyRequest {
        try proxyRequests(ignoringBrokenFiles: false).request.overridden(by: flags)
    }

    /// `usesProject` is false for what is to hold whichever project is looked at.
    func proxyRequests(
        usesProject: Bool = true,
        ignoringBrokenFiles: Bool,
    ) throws -> ProxyRequestLayers {
        let asked = try ProxyRequest(environment: environment)
        let variables = ProxyRequestLayers.Layer(asked) { setting in
            .environment(variable: setting.variable ?? "")
        }
        do {
            return ProxyRequestLayers(
                [variables] + (usesProject ? try projectLayers() : []) + [try userLayer()]
            )
        } catch {
            guard ignoringBrokenFiles else { throw error }
            return ProxyRequestLayers([variables])
        }
    }

    /// Whether the names are to be kept in the hosts file; files that can't be read say nothing.
    var syncsHosts: Bool {
        if let choice = environment["PORTLESS_SYNC_HOSTS"] {
            return !["0", "false"].contains(choice)
        }
        let project = (try? ConfiguredProxy.ofProject(in: workingDirectory)) ?? []
        return project.compactMap(\.proxy.syncsHosts).first
            ?? (try? userProxySettings())?.proxy.syncsHosts ?? true
    }

    /// What the user's own file asks of each proxy, and its folder.
    func userProxySettings() throws -> (folder: FilePath, proxy: ConfiguredProxy) {
        let folder = try stateDirectory().path
        guard (try? FileStatus.of(folder.appending(StateFile.configuration.name))) != nil else {
            return (folder, ConfiguredProxy())
        }
        return (folder, try ConfiguredProxy.read(StateFile.configuration.name, in: folder))
    }

    private func projectLayers() throws -> [ProxyRequestLayers.Layer] {
        try ConfiguredProxy.ofProject(in: workingDirectory).map { folder, proxy in
            Self.layer(proxy, in: folder) { .project($0, line: $1) }
        }
    }

    private func userLayer() throws -> ProxyRequestLayers.Layer {
        let (folder, proxy) = try userProxySettings()
        return Self.layer(proxy, in: folder) { .user($0, line: $1) }
    }

    private static func layer(
        _ proxy: ConfiguredProxy,
        in folder: FilePath,
        _ origin: @escaping @Sendable (FilePath, Int) -> SettingOrigin,
    ) -> ProxyRequestLayers.Layer {
        let files = ProxySetting.allCases.compactMap { proxy.origin(of: $0.rawValue)?.file }
        return ProxyRequestLayers.Layer(proxy.request, file: folder.appending(files.first ?? "")) {
            guard let (file, line) = proxy.origin(of: $0.rawValue) else { return .usual }
            return origin(folder.appending(file), line)
        }
    }
}
