/// Names for ports: from environment variables and process names to labels.
package enum PortLabels {
    /// `PORT` and upper-case names that end in `_PORT`; `REPORT_LEVEL` and `MY_REPORT` are neither.
    static func isPortVariable(_ name: String) -> Bool {
        guard name != "PORT" else { return true }
        return name.hasSuffix("_PORT") && name.count > 5
            && name.utf8.allSatisfy { byte in
                (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
            }
    }

    /// The label of a variable other than `PORT`: `FOO_BAR_PORT` is `fooBar`.
    static func label(of variable: String) -> String {
        label(ofConstant: String(variable.dropLast("_PORT".count)))
    }

    /// `API_LOCAL` is `api-local`, as the port table of the core has it; `FOO_BAR` is `fooBar`.
    static func label(ofConstant name: String) -> String {
        if ["API_LOCAL", "apiLocal", "api_local"].contains(name) { return "api-local" }
        let isUpperCase = name.utf8.allSatisfy { !(0x61...0x7A).contains($0) }
        guard isUpperCase else { return name }
        let words = name.split(separator: "_").map { $0.lowercased() }
        guard let first = words.first else { return name.lowercased() }
        return first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// What plain `PORT` means for a process of this name.
    static func labelOfPort(processName: String, hasDevTools: Bool) -> String {
        if endsIn(["ui", "client"], processName) { return "ui" }
        if hasDevTools, endsIn(["browser"], processName) { return "health" }
        return "api"
    }

    /// What a service or script of this name serves first, where nothing else tells.
    static func labelOfService(named name: String, servesPages: Bool) -> String {
        let pages = [
            "ui", "client", "web", "frontend", "front", "site", "www", "dashboard", "admin",
        ]
        return servesPages || endsIn(pages, name) ? "ui" : "api"
    }

    private static func endsIn(_ suffixes: [String], _ name: String) -> Bool {
        let last = name.lowercased().split { $0 == "-" || $0 == "_" || $0 == ":" }.last
        return last.map { suffixes.contains(String($0)) } ?? false
    }
}
