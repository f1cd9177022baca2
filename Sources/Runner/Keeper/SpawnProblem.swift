/// Why a process couldn't be started, as a sentence.
struct SpawnProblem: Error, CustomStringConvertible {
    let description: String
}
