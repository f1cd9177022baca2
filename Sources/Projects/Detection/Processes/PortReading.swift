import PortlessCore

/// What a value says about a port: a number from 1 to 65535, or why it is none.
enum PortReading {
    case port(Port)
    case problem(Unresolved)

    init(_ value: JavaScriptValue, named name: String) {
        if let problem = value.problem {
            let reason = "\(name): \(problem.reason)"
            self = .problem(Unresolved(file: problem.file, line: problem.line, reason: reason))
            return
        }
        let written = value.text?.trimmingBlanks
        switch value.kind {
        case .number(let number):
            guard let port = Int(exactly: number).flatMap({ Port($0) }) else { break }
            self = .port(port)
            return
        case .string:
            guard let port = written.flatMap({ Port($0) }) else { break }
            self = .port(port)
            return
        case .undefined:
            self = .problem(Unresolved(value.origin, "\(name) is not defined"))
            return
        default: break
        }
        let text = written ?? "this"
        let reason =
            text == "0"
            ? "\(name) is 0: the port is chosen when it runs"
            : "\(name): \"\(text)\" is not a port (1 to 65535)"
        self = .problem(Unresolved(value.origin, reason))
    }
}
