import PortlessCore

/// A function together with the scope and file that it was written in.
struct JavaScriptClosure {
    var function: JavaScriptFunction
    var scope: JavaScriptScope
    /// The evaluator keeps it; what a module exports must not keep the module.
    weak var module: JavaScriptModule?
}
