/// A refusal in the user's terms: one sentence which names the thing, then what to do about it.
///
/// This file holds every exit code that is Portless's own: 0 for success and help, 1 for all that
/// went wrong. Any other code is that of the program that was run, passed on.
struct Failure: Error, Equatable {
    static let exitCode: Int32 = 1

    let sentence: String
    let remedy: String?

    init(_ sentence: String, remedy: String? = nil) {
        self.sentence = sentence
        self.remedy = remedy
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
                known.isEmpty ? nil : "Known flags: \(known.joined(separator: ", "))."
            }
        return Failure("Unknown flag \"\(flag)\".", remedy: remedy)
    }

    static let noCommand = Failure(
        "No command provided.",
        remedy: "Usage: portless <name> <command…>, for example: portless myapp next dev",
    )
}
