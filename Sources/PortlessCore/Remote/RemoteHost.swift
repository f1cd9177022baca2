/// Another machine as `ssh` is told of it, and the label that its names get here.
package struct RemoteHost: Hashable, Sendable, CustomStringConvertible {
    private static let longest = 255

    /// `user@host`, a host of ssh's configuration, or `ssh://user@host:port`.
    package let destination: String
    /// `box` in `app.box.localhost`.
    package let name: String

    package var description: String { destination }

    package init(parsing text: String, as name: String? = nil) throws(RemoteHostError) {
        guard Self.isSafe(text) else { throw .invalid(text) }
        destination = text
        let label = name ?? Self.label(of: Self.host(in: text))
        guard label == DNSLabel.sanitized(label), !label.isEmpty else {
            throw name == nil ? .nameless(text) : .invalidName(label)
        }
        self.name = label
    }

    /// A word that `ssh` can't take for an option, and no shell for anything but a word.
    private static func isSafe(_ text: String) -> Bool {
        let host = host(in: text)
        return !text.hasPrefix("-") && !host.hasPrefix("-") && !host.isEmpty
            && text.utf8.count <= longest
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte) || "@._-:/[]+".utf8.contains(byte)
            }
    }

    /// Without the user and the port.
    private static func host(in text: String) -> Substring {
        let isURL = text.hasPrefix("ssh://")
        var host = text.dropFirst(isURL ? "ssh://".count : 0)
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        guard isURL else { return host }
        host = host.prefix { $0 != "/" }
        if host.hasPrefix("[") { return host.dropFirst().prefix { $0 != "]" } }
        return host.prefix { $0 != ":" }
    }

    /// The first label of a name, and all of an address.
    private static func label(of host: Substring) -> String {
        let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        return DNSLabel.sanitized(isAddress ? host : host.prefix { $0 != "." })
    }
}

/// Why a text names no machine.
package enum RemoteHostError: Error, Hashable, CustomStringConvertible {
    case invalid(String)
    case nameless(String)
    case invalidName(String)

    package var description: String {
        switch self {
        case .invalid(let text):
            "\"\(text)\" is no machine that ssh could reach.\nFor example: portless remote dev@box"
        case .nameless(let text):
            "No name can be made of \"\(text)\".\nGive one with --as."
        case .invalidName(let name):
            "\"\(name)\" can't be a part of a name.\nUse small letters, digits and hyphens."
        }
    }
}
