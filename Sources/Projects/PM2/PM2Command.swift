import HostSystem
import PortlessCore
import SystemPackage

/// The command that PM2 would run for a process: its script, its interpreter, and the arguments of
/// both.
struct PM2Command {
    private static let interpreters = [
        "js": "node", "cjs": "node", "mjs": "node", "ts": "node", "tsx": "node", "py": "python3",
        "sh": "bash", "rb": "ruby", "pl": "perl", "php": "php",
    ]

    private let app: PM2App
    private let directory: FilePath

    init(_ app: PM2App, directory: FilePath) {
        self.app = app
        self.directory = directory
    }

    /// The script's file, if it doesn't exist.
    ///
    /// A script that is a command line or a program's name is looked up only when it runs.
    func missingScript() throws(DeclarationError) -> FilePath? {
        let script = try app.required("script")
        let path = directory.pushing(FilePath(script)).lexicallyNormalized()
        guard !script.contains(" "), (try? FileStatus.of(path)) == .some(nil) else { return nil }
        let isPath = script.contains("/") || Self.interpreter(forName: script) != nil
        return isPath ? path : nil
    }

    func words() throws(DeclarationError) -> [String] {
        let script = try app.required("script")
        let arguments = try list("args")
        let isFile = (try? FileStatus.of(directory.pushing(FilePath(script)))) ?? nil != nil
        // A whole command line instead of a file.
        if !isFile, script.contains(" ") {
            return [
                "sh", "-c", ([script] + arguments.map(ShellWords.quoted)).joined(separator: " "),
            ]
        }
        let path =
            isFile ? directory.pushing(FilePath(script)).lexicallyNormalized().string : script
        let interpreter = try interpreter(of: script, isFile: isFile)
        guard let interpreter else { return [path] + arguments }
        let own = try list("interpreter_args") + list("node_args")
        return [interpreter] + own + [path] + arguments
    }

    private func interpreter(
        of script: String,
        isFile: Bool,
    ) throws(DeclarationError) -> String? {
        if let given = try app.text("interpreter", "exec_interpreter") {
            return given == "none" ? nil : given
        }
        let known = Self.interpreter(forName: script)
        // The name of a program in PATH may contain a dot, too; a path is a file even if it doesn't
        // exist yet.
        return isFile || script.contains("/") || known != nil ? known : nil
    }

    private static func interpreter(forName script: String) -> String? {
        guard let dot = script.lastIndex(of: ".") else { return nil }
        return interpreters[String(script[script.index(after: dot)...])]
    }

    /// A list, or a text that is split as a shell would.
    private func list(_ key: String) throws(DeclarationError) -> [String] {
        if let texts = try app.texts(key) { return texts }
        guard let value = try app.value(key) else { return [] }
        return ShellWords.words(of: value.text ?? "")
    }
}
