extension PortLabels {
    /// The variable that tells a process the port of a label: `devUi` is `DEV_UI_PORT`.
    package static func environmentVariable(of label: String) -> String {
        constant(of: label) + "_PORT"
    }

    /// Whether the label's variable is one that sets Portless itself, such as `PORTLESS_PORT`.
    package static func isReserved(_ label: String) -> Bool {
        environmentVariable(of: label).hasPrefix("PORTLESS_")
    }

    /// The label among others that is told by the same variable, as `apiLocal` and `api-local` are.
    static func rival(of label: String, among others: some Sequence<String>) -> String? {
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

    /// Labels of ports that speak no HTTP, and so get no name unless asked for.
    package static func speaksHTTP(_ label: String) -> Bool {
        !notHTTP.contains(label.lowercased())
    }

    private static let notHTTP: Set<String> = [
        "amqp", "cache", "cdp", "db", "debug", "grpc", "inspect", "inspector", "ipc", "kafka",
        "memcached", "mongo", "mqtt", "mysql", "nats", "postgres", "redis", "smtp", "tcp", "udp",
    ]
}
