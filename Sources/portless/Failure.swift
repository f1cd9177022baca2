/// A refusal in the user's terms: one sentence which names the thing, then what to do about it.
///
/// This file holds every exit code that is Portless's own; any other code is that of the program
/// that was run, passed on.
struct Failure: Error, Equatable {
    static let exitCode = Outcome.failed.rawValue

    let sentence: String
    let remedy: String?
    /// What commands that wait for apps exit with; all others exit with `exitCode`.
    var outcome = Outcome.failed

    init(_ sentence: String, remedy: String? = nil, outcome: Outcome = .failed) {
        self.sentence = sentence
        self.remedy = remedy
        self.outcome = outcome
    }
}

/// What came of a command: the exit code, and the word for it in JSON.
///
/// docs/exit-codes.md shows the same table. Those after `failed` are of commands that wait for apps.
enum Outcome: Int32, CaseIterable {
    case ready = 0
    case failed = 1
    // 2 is what shells use for a wrong call.
    case crashed = 3
    case timedOut = 4
    case portHeld = 5
    case misconfigured = 6
    case notFound = 7
    case interrupted = 130

    var word: String {
        switch self {
        case .ready: "ready"
        case .failed: "failed"
        case .crashed: "crashed"
        case .timedOut: "timed-out"
        case .portHeld: "port-held"
        case .misconfigured: "misconfigured"
        case .notFound: "not-found"
        case .interrupted: "interrupted"
        }
    }

    var meaning: String {
        switch self {
        case .ready: "All went well; whatever was waited for answers."
        case .failed: "Anything that has no code of its own, such as a wrong call."
        case .crashed: "A process couldn't be started, has ended, or ends again and again."
        case .timedOut: "It didn't answer in time; it goes on running."
        case .portHeld: "Another program has the port of a process, which waits for it."
        case .misconfigured: "The project's files can't be read, or say what can't be done."
        case .notFound: "There is no app, process or name that is called so."
        case .interrupted: "Ctrl-C ended the waiting; the apps go on running."
        }
    }
}

extension Failure {
    /// Any error as a failure of this kind, unless it has one of its own.
    init(_ error: any Error, outcome: Outcome) {
        if let failure = error as? Failure, failure.outcome != .failed {
            self = failure
            return
        }
        let lines = String(describing: error).split(separator: "\n", maxSplits: 1)
        self.init(
            lines.first.map(String.init) ?? "",
            remedy: lines.dropFirst().first.map(String.init),
            outcome: outcome,
        )
    }

    /// Calls `body`; what it throws is of this kind.
    static func classified<Result>(
        as outcome: Outcome,
        _ body: () throws -> Result,
    ) throws(Failure) -> Result {
        do {
            return try body()
        } catch {
            throw Failure(error, outcome: outcome)
        }
    }
}

extension Failure: CustomStringConvertible {
    var description: String {
        [sentence, remedy].compactMap(\.self).joined(separator: "\n")
    }
}

extension Failure {
    /// What is printed for any error that reached the top.
    static func lines(for error: any Error, style: TextStyle) -> [StyledText] {
        let text = String(describing: error).split(
            separator: "\n",
            omittingEmptySubsequences: false,
        )
        let rest = text.dropFirst().map { StyledText($0) }
        return ["\(style.red("Error:")) \(text.first ?? "")"] + rest
    }
}

extension Failure {
    static func unknownFlag(_ flag: String, known: [String]) -> Failure {
        let remedy: String? =
            if PortWord.isLikely(flag) {
                "A number is written without a dash: \(flag.drop { !$0.isNumber })"
            } else {
                known.isEmpty
                    ? nil
                    : (Suggestion.nearest(to: flag, among: known).map { "Did you mean \($0)? " }
                        ?? "") + "Known flags: \(known.joined(separator: ", "))."
            }
        return Failure("Unknown flag \"\(flag)\".", remedy: remedy)
    }

    /// A word alone is an app without a program, or one of our commands with a slip.
    static func noCommand(after word: String) -> Failure {
        let commands = PortlessCommand.shownNames
        guard let nearest = Suggestion.nearest(to: word, among: commands) else { return noCommand }
        return Failure(
            noCommand.sentence,
            remedy: "Did you mean: portless \(nearest)? \(noCommand.remedy ?? "")",
        )
    }

    static let noCommand = Failure(
        "No command provided.",
        remedy: "Usage: portless <name> <command…>, for example: portless myapp next dev",
    )
}
