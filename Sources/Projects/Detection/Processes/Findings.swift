import PortlessCore

/// What the files of a project have told so far.
struct Findings {
    /// No more is told of what can't be known.
    private static let maximumUnresolved = 500

    var processes: [ProcessDraft] = []
    private(set) var dependencies: [DetectedDependency] = []
    private(set) var unresolved: [Unresolved] = []
    var pm2Home: String?
    /// Where each problem stands in `unresolved`.
    private var places: [Unresolved: Int] = [:]
    private let budget: ReadingBudget

    init(_ budget: ReadingBudget) {
        self.budget = budget
    }

    mutating func report(_ problem: Unresolved) {
        let key = problem.asPartOfReadable
        guard let place = places[key] else {
            guard unresolved.count < Self.maximumUnresolved else { return }
            places[key] = unresolved.count
            return unresolved.append(problem)
        }
        if problem.isMalformed { unresolved[place].isMalformed = true }
    }

    mutating func report(_ problems: [Unresolved]) {
        for problem in problems { report(problem) }
    }

    /// All problems in the order of the files, and what was left out.
    var allUnresolved: [Unresolved] {
        let count = ReadingBudget.maximumPlaces
        let leftOut = budget.firstLeftOut.map { place in
            Unresolved(place, "there are more than \(count) ports or processes: here they end")
        }
        return (unresolved + [leftOut].compactMap(\.self)).sorted()
    }

    mutating func addDependency(_ name: String, _ port: Port, _ location: SourceLocation) {
        let dependency = DetectedDependency(name: name, port: port, location: location)
        let isKnown = dependencies.contains { $0.name == name && $0.port == port }
        if !isKnown, budget.takePort(at: location) { dependencies.append(dependency) }
    }

    /// Records where a process listens, unless the project has too many ports already.
    func add(_ source: PortSource, to draft: inout ProcessDraft) {
        if budget.takePort(at: source.location) { draft.add(source) }
    }

    /// Whether there is room for another process.
    func mayAddProcess(at location: SourceLocation) -> Bool {
        budget.takeProcess(at: location)
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
            let source = PortSource(
                label: label,
                port: port,
                location: value.origin,
                rule: rule,
                description: value.comment,
                overriddenBy: value.overriddenBy,
            )
            add(source, to: &draft)
        }
    }
}
