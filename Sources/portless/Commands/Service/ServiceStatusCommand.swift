import ArgumentParser
import HostSystem
import Machine
import PortlessCore
import SystemPackage

/// `portless service status`.
struct ServiceStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show which services are installed, how they are, and with which settings.",
    )

    @Flag(help: "Print it as JSON.")
    var json = false

    func run(_ context: CommandContext) throws {
        let control = try ServiceControl(context)
        let reports = try control.services.allInstalled().map { try ServiceReport($0, control) }
        if json {
            let object: JSONObject = [
                "manager": .string(control.services.manager.rawValue),
                "services": .array(reports.map(\.json)),
            ]
            return context.console.print(JSONValue.object(object).formatted)
        }
        guard !reports.isEmpty else {
            let manager = control.services.manager.rawValue
            context.console.print("Manager: \(manager)\nInstalled: no")
            context.console.say("To install the proxy: portless service install")
            return
        }
        for (index, report) in reports.enumerated() {
            if index > 0 { context.console.print("") }
            for line in report.lines { context.console.print(line) }
        }
        for problem in reports.flatMap(\.problems) { context.console.warn(problem) }
    }
}

/// An installed service, what its manager says of it, and the settings that its file gives it.
struct ServiceReport {
    let service: InstalledService
    let manager: SystemServices.Manager
    let state: SystemServices.State
    let isProgramThere: Bool
    let answers: Bool
    /// Those of the proxy; nil for the server, and where the file can't be understood.
    let settings: ProxySettings?

    init(_ service: InstalledService, _ control: ServiceControl) throws {
        self.service = service
        let services = control.services
        manager = services.manager
        state = try waiting { await services.state(of: service.daemon, service.scope) }
        isProgramThere = Self.isProgramThere(service)
        settings = Self.settings(service, control.context)
        switch service.daemon {
        case .proxy: answers = settings.map { control.context.isProxy($0.port) } ?? false
        case .server:
            var context = control.context
            context.environment["PORTLESS_STATE_DIR"] = service.stateDirectory?.string
            answers = (try? ServerControl(context).running()) ?? nil != nil
        }
    }

    static func isProgramThere(_ service: InstalledService) -> Bool {
        service.program.map { ProgramSearch.find($0.string, path: nil) != nil } ?? false
    }

    /// The settings that the file's command and environment give.
    private static func settings(
        _ service: InstalledService,
        _ context: CommandContext,
    ) -> ProxySettings? {
        guard service.daemon == .proxy, let arguments = service.arguments else { return nil }
        var globals = GlobalOptions()
        guard let words = try? globals.extract(from: arguments),
            let start = try? ProxyStartCommand.parse(words),
            let flags = try? start.settings.request(context),
            var request = try? ProxyRequest(environment: service.environment).overridden(by: flags)
        else { return nil }
        if globals.lan { request.isLAN = true }
        request.lanAddress = globals.lanAddress ?? request.lanAddress
        return ProxySettings(request)
    }

    var problems: [String] {
        var problems: [String] = []
        if !isProgramThere {
            let program = service.program?.string ?? "nothing"
            problems.append(
                "\(service.file) runs \(program), which isn't there any more: "
                    + "portless service install"
            )
        }
        return problems
    }

    var lines: [String] {
        func word(_ isTrue: Bool) -> String { isTrue ? "yes" : "no" }
        var lines = [
            "Service: \(service.daemon.rawValue) (\(service.scope.rawValue))",
            "Manager: \(manager.rawValue)", "Installed: yes", "Unit: \(service.file)",
            "Enabled: \(word(state.isEnabled))",
            "Active: \(word(state.isActive))\(state.isListening ? ", socket open" : "")",
            "Program: \(service.program?.string ?? "")\(isProgramThere ? "" : " (missing)")",
            "State directory: \(service.stateDirectory?.string ?? "unknown")",
        ]
        if let settings {
            lines += [
                "Port: \(settings.port) (\(answers ? "answers" : "no answer"))",
                "HTTPS: \(word(settings.usesTLS))",
                "TLDs: \(settings.tlds.map { ".\($0)" }.joined(separator: ", "))",
                "LAN mode: \(word(settings.isLAN))",
                "Wildcard: \(word(settings.usesWildcards))",
            ]
            if let address = settings.lanAddress { lines.append("LAN IP: \(address)") }
        } else if service.daemon == .server {
            lines.append("Answers: \(word(answers))")
        }
        return lines
    }

    var json: JSONValue {
        var object: JSONObject = [
            "name": .string(service.daemon.rawValue),
            "scope": .string(service.scope.rawValue),
            "unit": .string(service.file.string),
            "enabled": .bool(state.isEnabled),
            "active": .bool(state.isActive),
            "socket": .bool(state.isListening),
            "program": .string(service.program?.string ?? ""),
            "programExists": .bool(isProgramThere),
            "stateDirectory": service.stateDirectory.map { .string($0.string) } ?? .null,
            "answers": .bool(answers),
        ]
        if let settings {
            var shown: JSONObject = [
                "port": .integer(settings.port.rawValue),
                "https": .bool(settings.usesTLS),
                "tlds": .array(settings.tlds.map { .string($0.description) }),
                "lan": .bool(settings.isLAN),
                "wildcard": .bool(settings.usesWildcards),
            ]
            shown["lanAddress"] = settings.lanAddress.map { .string($0) }
            shown["certificate"] =
                (settings.certificateFiles?.certificate.string).map { .string($0) }
            object["settings"] = .object(shown)
        }
        return .object(object)
    }
}
