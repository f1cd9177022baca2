/// What is wrong with the content of `routes.json`.
enum RoutesFileProblem: Error, Hashable, CustomStringConvertible {
    case invalidJSON(JSONSyntaxError)
    case notAList(found: String)

    var description: String {
        switch self {
        case .invalidJSON(let error): "invalid JSON (\(error))"
        case .notAList(let found): "expected array, found \(found)"
        }
    }
}
