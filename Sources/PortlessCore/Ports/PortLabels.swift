/// Names for ports: from environment variables and process names to labels.
package enum PortLabels {
    /// `PORT` and upper-case names that end in `_PORT`; `REPORT_LEVEL` and `MY_REPORT` are neither.
    ///
    /// Constants for code in browsers, such as `NEXT_PUBLIC_API_PORT`, say where to connect.
    package static func isPortVariable(_ name: String) -> Bool {
        guard name != "PORT", name != "VITE_PORT" else { return true }
        guard !browserPrefixes.contains(where: name.hasPrefix), !otherPorts.contains(name) else {
            return false
        }
        return name.hasSuffix("_PORT") && name.count > 5
            && name.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
            }
    }

    private static let browserPrefixes = [
        "VITE_", "NEXT_PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "GATSBY_", "EXPO_PUBLIC_", "PUBLIC_",
    ]
    /// Bounds of a range, and ports that aren't the network's.
    private static let otherPorts: Set = ["MIN_PORT", "MAX_PORT", "COM_PORT", "SERIAL_PORT"]

    /// The label of a variable other than `PORT`: `FOO_BAR_PORT` is `fooBar`.
    package static func label(of variable: String) -> String {
        label(ofConstant: String(variable.dropLast("_PORT".count)))
    }

    /// `API_LOCAL` is `api-local`, as the port table of the core has it; `FOO_BAR` is `fooBar`.
    package static func label(ofConstant name: String) -> String {
        if ["API_LOCAL", "apiLocal", "api_local"].contains(name) { return "api-local" }
        let isUpperCase = name.utf8.allSatisfy { !(0x61...0x7A).contains($0) }
        guard isUpperCase else { return name }
        let words = name.split(separator: "_").map { $0.lowercased() }
        guard let first = words.first else { return name.lowercased() }
        return first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// What a process is, as far as its command tells.
    package enum Program: Hashable, Sendable {
        /// It shows pages, as Vite and Next do.
        case pages
        /// A database, broker or cache, whose port has this label.
        case store(String)
        case other
    }

    /// The label of what a process listens on first, by what it runs and what it is called;
    /// `otherwise` where neither tells.
    package static func main(
        ofProcess name: String,
        running program: Program = .other,
        hasDevTools: Bool = false,
        otherwise: String = "api",
    ) -> String {
        var words = name.lowercased().split { !$0.isLetter }.map(String.init)
        if hasDevTools, words.last == "browser" { return "health" }
        if case .store(let label) = program { return label }
        // `web-server` and `admin-app` are called by what stands in front.
        let isServer = words.last == "server"
        while words.count > 1, ["app", "dev", "server"].contains(words.last ?? "") {
            words.removeLast()
        }
        let last = words.last ?? ""
        if pageWords.contains(last) || words.suffix(2) == ["front", "end"] { return "ui" }
        if ["api", "backend", "graphql"].contains(last) { return "api" }
        if program == .pages { return "ui" }
        if ["worker", "workers"].contains(last) { return "worker" }
        if notHTTP.contains(last) { return last }
        return isServer ? "api" : otherwise
    }

    private static let pageWords: Set<String> = [
        "admin", "client", "dashboard", "front", "frontend", "site", "storefront", "ui", "vite",
        "web", "webapp", "website", "www",
    ]

    /// `debug` for the ports that debuggers have by default: Node's, and beside another port also
    /// those of Java, Python and Go.
    package static func debugger(_ port: Port, isFurther: Bool) -> String? {
        let number = port.number
        return [9229, 9230, 9231, 5858].contains(number)
            || isFurther && [2345, 5005, 5678, 40000].contains(number) ? "debug" : nil
    }
}

extension PortLabels {
    /// The variable with the port of a label: `devUi` is `DEV_UI_PORT`.
    package static func environmentVariable(of label: String) -> String {
        constant(of: label) + "_PORT"
    }

    /// Whether the label's variable is one that sets Portless itself, such as `PORTLESS_PORT`.
    package static func isReserved(_ label: String) -> Bool {
        environmentVariable(of: label).hasPrefix("PORTLESS_")
    }

    /// The other label that has the same variable, as `apiLocal` and `api-local` do.
    package static func rival(of label: String, among others: some Sequence<String>) -> String? {
        let variable = environmentVariable(of: label)
        return others.first { other in
            other.lowercased() != label.lowercased() && environmentVariable(of: other) == variable
        }
    }

    /// The key of a label in a `PORTS` object: `api-local` is `API_LOCAL`.
    package static func constant(of label: String) -> String {
        var words = ""
        var previous: Character?
        for character in label {
            if character.isUppercase, previous?.isLowercase == true || previous?.isNumber == true {
                words.append("_")
            }
            words.append(character)
            previous = character
        }
        return EnvironmentName.word(words)
    }

    /// The endpoint that also gets `PORT` and the app's bare name: `ui`, else `api`, else the first
    /// one that speaks HTTP, which mostly is the only one.
    package static func primary(of labels: [String]) -> String? {
        for wanted in ["ui", "api"] {
            if let label = labels.first(where: { $0.lowercased() == wanted }) { return label }
        }
        return labels.first(where: speaksHTTP)
    }

    /// False for labels whose ports get no name unless the user asks for it.
    package static func speaksHTTP(_ label: String) -> Bool {
        var kind = label.lowercased()
        // `udp5353`, `smtp587`
        while kind.last?.isNumber == true { kind.removeLast() }
        return !notHTTP.contains(kind)
    }

    /// The label of a well-known port of a service that isn't for browsers; nil for others.
    package static func service(_ port: Port) -> String? {
        switch port.number {
        case 22: "ssh"
        case 25, 465, 587: "smtp"
        case 53: "dns"
        case 110, 995: "pop"
        case 143, 993: "imap"
        case 5060, 5061: "sip"
        case 6667, 6697: "irc"
        default: nil
        }
    }

    private static let notHTTP: Set<String> = [
        "amqp", "broker", "cache", "cdp", "database", "db", "debug", "dns", "grpc", "imap",
        "inspect",
        "inspector", "ipc", "irc", "kafka", "mariadb", "memcached", "mongo", "mongodb", "mqtt",
        "mysql", "nats", "pg", "pop", "postgres", "postgresql", "queue", "rabbitmq", "redis", "sip",
        "smtp", "ssh", "tcp", "udp", "valkey", "worker",
    ]
}

/// The purpose of one of an app's ports: `ui`, `api`, `cdp`.
///
/// It is a part of the host name (`api.myapp.localhost`), of the environment variable (`API_PORT`, by
/// `PortLabels`), and of what users see.
package struct Label: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Nil unless `text` is a single DNS label that begins with a letter.
    package init?(_ text: some StringProtocol) {
        guard let name = Hostname(text), name.labels.count == 1, text.last != ".",
            let first = name.description.unicodeScalars.first, ("a"..."z").contains(first)
        else { return nil }
        description = name.description
    }

    package static func < (lhs: Label, rhs: Label) -> Bool { lhs.description < rhs.description }
}

/// Turning names into names of environment variables.
package enum EnvironmentName {
    /// Upper case, with an underscore for what shells don't take in a variable's name.
    package static func word(_ text: some StringProtocol) -> String {
        String(
            text.uppercased().map { character in
                character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
            }
        )
    }
}
