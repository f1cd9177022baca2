/// What the files of a project have told so far.
struct Findings {
    var processes: [ProcessDraft] = []
    var dependencies: [DetectedDependency] = []
    var unresolved: [Unresolved] = []
    var pm2Home: String?

    mutating func report(_ problem: Unresolved) {
        let known = unresolved.firstIndex { $0.asPartOfReadable == problem.asPartOfReadable }
        guard let known else { return unresolved.append(problem) }
        if problem.isMalformed { unresolved[known].isMalformed = true }
    }

    mutating func report(_ problems: [Unresolved]) {
        for problem in problems { report(problem) }
    }

    mutating func addDependency(_ name: String, _ port: Port, _ location: SourceLocation) {
        let dependency = DetectedDependency(name: name, port: port, location: location)
        let isKnown = dependencies.contains { $0.name == name && $0.port == port }
        if !isKnown { dependencies.append(dependency) }
    }

    /// Records a port where the value gives one, else why it gives none.
    mutating func add(
        _ value: JavaScriptValue,
        named name: String,
        label: String,
        rule: String,
        to draft: inout ProcessDraft,
    ) {
        switch PortReading(value, named: name) {
        case .problem(let problem): report(problem)
        case .port(let port):
            draft.add(
                PortSource(
                    label: label,
                    port: port,
                    location: value.origin,
                    rule: rule,
                    description: value.comment,
                    overriddenBy: value.overriddenBy,
                )
            )
        }
    }
}
