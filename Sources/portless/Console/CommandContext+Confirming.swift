extension CommandContext {
    /// Asks the person at the terminal; without one it is an error that tells of `--yes`.
    func confirm(_ question: String) throws -> Bool {
        guard isInteractive else {
            throw Failure(
                "There is no terminal to ask at, so nothing was changed.",
                remedy: "Add --yes if that is what you want.",
            )
        }
        console.prompt("\(question) [y/N]")
        let answer = readLine() ?? ""
        return ["y", "yes"].contains(answer.lowercased())
    }
}
