/// What a command line runs in the end, behind all those that only run others.
enum CommandTarget: Equatable {
    /// A program, whose name is the word at `index`.
    case program(name: String, index: Int)
    /// A script of package.json, named by the word at `index`.
    case script(PackageManager, index: Int)

    /// Nil if nothing is run that is known, or in a place that isn't.
    init?(of words: [String]) {
        var reader = CommandReader(words)
        guard let target = reader.target() else { return nil }
        self = target
    }
}
