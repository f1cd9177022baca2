/// The names that are visible at one place; shared by the functions written there.
final class JavaScriptScope {
    private let parent: JavaScriptScope?
    private var values: [String: JavaScriptValue] = [:]
    /// Whether a function was written here, which keeps the scope.
    var isCaptured = false

    init(parent: JavaScriptScope? = nil) {
        self.parent = parent
    }

    func value(of name: String) -> JavaScriptValue? {
        values[name] ?? parent?.value(of: name)
    }

    func declare(_ name: String, _ value: JavaScriptValue) {
        values[name] = value
    }

    /// Forgets all names.
    func removeAll() { values = [:] }

    /// Assigns to the innermost declaration; an undeclared name becomes a global.
    func assign(_ name: String, _ value: JavaScriptValue) {
        if values[name] != nil || parent == nil {
            values[name] = value
        } else {
            parent?.assign(name, value)
        }
    }
}
