import HostSystem
package import SystemPackage

/// What flags, the environment or a file ask of the proxy; nil where they don't ask for anything.
package struct ProxyRequest: Hashable, Sendable {
    package struct CertificateFiles: Hashable, Sendable {
        package var certificate: FilePath
        package var key: FilePath

        package init(certificate: FilePath, key: FilePath) {
            self.certificate = certificate
            self.key = key
        }
    }

    package var port: Port?
    package var usesTLS: Bool?
    package var isLAN: Bool?
    package var lanAddress: String?
    package var tlds: [TLD]?
    package var usesWildcards: Bool?
    package var certificateFiles: CertificateFiles?
    /// Whether it is to leave the ports alone that take an administrator.
    package var isUnprivileged: Bool?

    package init() {}

    /// What `PORTLESS_PORT`, `_HTTPS`, `_LAN`, `_LAN_IP`, `_TLD` and `_WILDCARD` ask for; an empty one
    /// asks for nothing.
    package init(environment: [String: String]) throws {
        func value(_ name: String) -> String? {
            environment[name]?.trimmingBlanks.nilIfEmpty
        }
        func flag(_ name: String) throws(EnvironmentError) -> Bool? {
            guard let text = value(name) else { return nil }
            switch text.lowercased() {
            case "1", "true": return true
            case "0", "false": return false
            default: throw .notAChoice(text, variable: name)
            }
        }
        port = try value("PORTLESS_PORT").map { text throws(EnvironmentError) in
            guard let port = Port(text) else {
                throw .notAPort(text, variable: "PORTLESS_PORT")
            }
            return port
        }
        usesTLS = try flag("PORTLESS_HTTPS")
        isLAN = try flag("PORTLESS_LAN")
        usesWildcards = try flag("PORTLESS_WILDCARD")
        if let address = value("PORTLESS_LAN_IP") {
            guard IPAddress(address) != nil else {
                throw EnvironmentError.notAnAddress(address, variable: "PORTLESS_LAN_IP")
            }
            lanAddress = address
            isLAN = true
        }
        if let list = value("PORTLESS_TLD") { tlds = try TLD.list(parsing: list) }
    }

    /// This request with what `flags` asks for taking precedence.
    package func overridden(by flags: ProxyRequest) -> ProxyRequest {
        var result = self
        result.port = flags.port ?? (flags.isUnprivileged == true ? port?.unprivileged : port)
        result.isUnprivileged = flags.isUnprivileged ?? isUnprivileged
        result.usesTLS = flags.usesTLS ?? usesTLS
        result.isLAN = flags.isLAN ?? isLAN
        result.lanAddress = flags.lanAddress ?? lanAddress
        result.tlds = flags.tlds ?? tlds
        result.usesWildcards = flags.usesWildcards ?? usesWildcards
        result.certificateFiles = flags.certificateFiles ?? certificateFiles
        return result
    }

    /// This request, completed by the settings of a proxy that was killed.
    ///
    /// Only for an automatic start: a user who starts the proxy gets exactly what they ask for, and no
    /// old TLD.
    package func continuing(_ leftover: ProxyMarkers) -> ProxyRequest {
        guard let leftoverPort = leftover.port else { return self }
        var result = self
        result.port = port ?? (isUnprivileged == true ? leftoverPort.unprivileged : leftoverPort)
        result.usesTLS = usesTLS ?? leftover.usesTLS
        result.isLAN = isLAN ?? leftover.isLAN
        let others = leftover.tlds.filter { $0 != .local || !leftover.isLAN }
        result.tlds = tlds ?? (others.isEmpty ? nil : others)
        return result
    }
}

extension Port {
    /// The port, unless it takes an administrator.
    package var unprivileged: Port? { self < 1024 ? nil : self }
}

/// An environment variable whose value can't be used.
package enum EnvironmentError: Error, Hashable, CustomStringConvertible {
    case notAPort(String, variable: String)
    case notAChoice(String, variable: String)
    case notAnAddress(String, variable: String)

    package var description: String {
        switch self {
        case .notAPort(let text, let variable):
            "Invalid port \"\(text)\" in \(variable).\nA port is a number from 1 to 65535."
        case .notAChoice(let text, let variable):
            "Invalid value \"\(text)\" in \(variable).\nUse 1 or true, 0 or false."
        case .notAnAddress(let text, let variable):
            "Invalid address \"\(text)\" in \(variable).\nAn IP address is one such as 192.168.1.20."
        }
    }
}

/// The settings that the proxy runs with: a request with its gaps filled.
package struct ProxySettings: Hashable, Sendable {
    package var port: Port
    package var usesTLS: Bool
    package var isLAN: Bool
    /// A pinned address; nil in LAN mode means the machine's current one.
    package var lanAddress: String?
    package var tlds: [TLD]
    package var usesWildcards: Bool
    package var certificateFiles: ProxyRequest.CertificateFiles?

    /// The port of a proxy that can't have 443 or 80.
    package static let fallbackPort: Port = 1355
    /// Those to try in turn, where another state directory's proxy has the first one.
    package static let fallbackPorts: [Port] = (1355...1364).compactMap { Port($0) }

    /// `remembersLAN` tells whether the proxy was last run in LAN mode.
    package init(_ request: ProxyRequest, remembersLAN: Bool = false) {
        usesTLS = request.certificateFiles != nil || request.usesTLS ?? true
        isLAN = request.lanAddress != nil || request.isLAN ?? remembersLAN
        let usual: Port = usesTLS ? 443 : 80
        port = request.port ?? (request.isUnprivileged == true ? Self.fallbackPort : usual)
        lanAddress = request.lanAddress
        // Multicast DNS publishes nothing but .local names; the others stay names of this machine.
        let others = request.tlds ?? [.localhost]
        tlds = isLAN ? [.local] + others.filter { $0 != .local } : others
        usesWildcards = request.usesWildcards ?? false
        certificateFiles = request.certificateFiles
    }

    /// The same for this machine alone.
    package var withoutLAN: ProxySettings {
        var result = self
        result.isLAN = false
        result.lanAddress = nil
        let others = tlds.filter { $0 != .local }
        result.tlds = others.isEmpty ? [.localhost] : others
        return result
    }
}
