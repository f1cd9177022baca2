import HostSystem
package import PortlessCore

/// Asks a port whether its server answers, which takes more than that it listens.
///
/// A server of HTTP answers with any status below 500, or with one that its project wants. Whatever
/// sends something else speaks another protocol, such as TLS or gRPC, and answers as well; one that
/// only accepts connections, or closes them without a word, doesn't yet.
package struct AnswerProbe: Hashable, Sendable {
    package enum Answer: Hashable, Sendable {
        case ready
        /// A phrase whose subject is the process.
        case notYet(String)
    }

    /// How long a server may take to answer where its project says nothing.
    private static let usualTimeout = Duration.seconds(5)
    private static let usualInterval = Duration.milliseconds(250)

    package let port: Port
    /// The name that requests carry.
    package let host: Hostname?
    /// Whether HTTP is expected; otherwise it is enough to listen.
    package let speaksHTTP: Bool
    package let health: HealthCheck?

    package init(port: Port, host: Hostname?, speaksHTTP: Bool, health: HealthCheck? = nil) {
        self.port = port
        self.host = host
        self.speaksHTTP = speaksHTTP || health != nil
        self.health = health
    }

    /// The probe of a supervised process, as far as its plan is known; nil for one without a port.
    package init?(of process: SupervisedProcess, _ planned: PlannedProcess?) {
        guard let port = process.primaryPort ?? process.ports.first?.port else { return nil }
        let named = planned?.names.labels.first { $0.port == port }
        let isTCP = planned?.names.own.isEmpty == true && named?.upstreamProtocol == .tcp
        let host = planned?.names.own.first ?? (isTCP ? nil : named?.hostname)
        let label = process.ports.first { $0.port == planned?.primaryPort ?? port }?.label
        self.init(
            port: port,
            host: host,
            speaksHTTP: host != nil || !isTCP && label.map(PortLabels.speaksHTTP) ?? true,
            health: planned?.health,
        )
    }

    /// How long after an answer it is asked again.
    package var interval: Duration { health?.interval ?? Self.usualInterval }

    /// Blocks until there is an answer, or the time for one is over.
    package func ask() -> Answer {
        let limit = Int32(clamping: (health?.timeout ?? Self.usualTimeout).milliseconds)
        guard speaksHTTP else {
            return LoopbackExchange.isListening(port: port.rawValue, limitInMilliseconds: limit)
                ? .ready : .notYet("doesn't listen on port \(port)")
        }
        let request =
            "GET \(health?.path ?? "/") HTTP/1.1\r\nHost: \(host?.description ?? "localhost")\r\n"
            + "User-Agent: portless\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        var last = LoopbackExchange.Outcome.refused
        for address in [IPAddress.loopbackIPv4, .loopbackIPv6] {
            let outcome = LoopbackExchange.outcome(
                of: request,
                port: port.rawValue,
                address: address,
                limitInMilliseconds: limit,
            )
            if answer(outcome) == .ready { return .ready }
            if last == .refused { last = outcome }
        }
        return answer(last)
    }

    func answer(_ outcome: LoopbackExchange.Outcome) -> Answer {
        switch outcome {
        case .refused: return .notYet("doesn't listen on port \(port)")
        case .silent: return .notYet("listens on port \(port), and doesn't answer")
        case .closed: return .notYet("closes connections to port \(port) without an answer")
        case .answer(let text):
            guard let status = HTTPProbe.status(in: text) else {
                guard let health else { return .ready }
                return .notYet("doesn't answer \(health.path) in HTTP")
            }
            if let health {
                return health.accepts(status)
                    ? .ready
                    : .notYet("answers \(health.path) with \(status), not \(health.statusText)")
            }
            return status < 500 ? .ready : .notYet("answers with \(status)")
        }
    }
}
