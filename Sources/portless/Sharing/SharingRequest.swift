import Machine
import PortlessCore
import SystemPackage

/// By which services an app is to be shared, as flags or variables of the user ask for it.
///
/// A project's files can't ask: an app is never reachable from beyond this machine because someone
/// has cloned a repository.
struct SharingRequest: Equatable {
    let providers: [SharingProvider]

    /// What the flags ask for, else what the environment asks for; both are the user's.
    init(_ context: CommandContext) {
        let globals = context.globals
        func isSet(_ provider: SharingProvider) -> Bool {
            let value = context.environment[provider.requestVariable]?.lowercased()
            return ["1", "true"].contains(value)
        }
        var providers: [SharingProvider] = []
        if globals.funnel || isSet(.funnel) {
            providers.append(.funnel)
        } else if globals.tailscale || isSet(.tailscale) {
            providers.append(.tailscale)
        }
        if globals.ngrok || isSet(.ngrok) { providers.append(.ngrok) }
        if globals.cloudflare || isSet(.cloudflare) { providers.append(.cloudflare) }
        self.providers = providers
    }

    var isEmpty: Bool { providers.isEmpty }

    /// The flags that say the same.
    var flags: String { providers.map(\.flag).joined(separator: " ") }

    /// The tools; `announcement` is where their processes are announced to the guardian.
    func tools(
        _ context: CommandContext,
        announcement: FileDescriptor? = nil,
    ) -> [any SharingTool] {
        providers.map { Self.tool($0, context, announcement: announcement) }
    }

    static func tool(
        _ provider: SharingProvider,
        _ context: CommandContext,
        announcement: FileDescriptor? = nil,
    ) -> any SharingTool {
        switch provider {
        case .tailscale, .funnel: TailscaleSharing(provider, runner: context.runner)
        case .ngrok, .cloudflare:
            TunnelSharing(
                provider,
                runner: context.runner,
                environment: context.environment,
                announcement: announcement,
            )
        }
    }
}
