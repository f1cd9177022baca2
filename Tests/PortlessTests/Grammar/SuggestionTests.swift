import Testing

@testable import portless

@Suite struct SuggestionTests {
    @Test(
        arguments: [
            ("lsit", "list"), ("lst", "list"), ("prots", "ports"), ("doctro", "doctor"),
            ("restrat", "restart"), ("node", nil), ("web", nil), ("listing", nil), ("", nil),
        ] as [(String, String?)]
    )
    func `a slip has one near word, and a name has none`(word: String, meant: String?) {
        let words = ["list", "ports", "doctor", "restart", "get", "ps"]
        #expect(Suggestion.nearest(to: word, among: words) == meant)
    }

    @Test(arguments: [
        ("abc", "abc", 0), ("abc", "acb", 1), ("", "abc", 3), ("kitten", "sitting", 3),
        (String(repeating: "x", count: 10_000), "x", Int.max),
    ])
    func `distance counts what was typed wrongly`(one: String, other: String, distance: Int) {
        #expect(Suggestion.distance(one, other) == distance)
    }

    @Test(arguments: [
        ("list --jsno", "Did you mean --json?"), ("prots", "Did you mean: portless ports?"),
        ("ports detcet --json", "Did you mean: portless ports detect?"),
    ])
    func `a mistyped word is told with the one that was meant`(line: String, advice: String) {
        let error = #expect(throws: Failure.self) {
            let words = line.split(separator: " ").map(String.init)
            let invocation = try Invocation(arguments: words, isProgram: { _ in false })
            if let slip = invocation.slip(isRunnable: { _ in false }, isApp: { _ in false }) {
                throw slip
            }
            guard case .command(let call) = invocation.action else { return }
            _ = try CommandCall(call)?.parse()
        }
        #expect(error?.remedy?.contains(advice) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        "lsit cd /", "--name lsit nothing", "lsit nothing;x", "lsit ./nothing", "myapp nothing",
        "prots nothing", "ports detcet", "run lsit nothing",
    ])
    func `what could run, or is an app's, is no slip`(line: String) throws {
        let invocation = try Invocation(
            arguments: line.split(separator: " ").map(String.init),
            isProgram: { _ in false },
        )
        let slip = invocation.slip(isRunnable: { $0 == "cd" }, isApp: { $0.hasPrefix("p") })
        #expect(slip == nil, "\(line)")
    }
}
