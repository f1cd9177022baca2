/// A function together with the scope and file that it was written in.
struct JavaScriptClosure {
    var function: JavaScriptFunction
    var scope: JavaScriptScope
    var module: JavaScriptModule
}
