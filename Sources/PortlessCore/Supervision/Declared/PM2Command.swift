import HostSystem
import SystemPackage

/// What PM2 would run for a process: its script, its interpreter, and the arguments of both.
struct PM2Command {
    private static let interpreters = [
        "js": "node", "cjs": "node", "mjs": "node", "ts": "node", "tsx": "node", "py": "python3",
        "sh": "bash", "rb": "ruby", "pl": "perl", "php": "php",
    ]

    private let fields: PM2Fields
    private let directory: FilePath

    init(_ fields: PM2Fields, directory: FilePath) {
        self.fields = fields
        self.directory = directory
    }

    func words() throws(DeclarationError) -> [String] {
        let script = try fields.required("script")
        let arguments = try list("args")
        let isFile = (try? FileStatus.of(directory.pushing(FilePath(script)))) ?? nil != nil
        // A whole command line in place of a file.
        if !isFile, script.contains(" ") {
            return ["sh", "-c", ([script] + arguments.map(Self.quoted)).joined(separator: " ")]
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
        if let given = try fields.text("interpreter", "exec_interpreter") {
            return given == "none" ? nil : given
        }
        guard let dot = script.lastIndex(of: ".") else { return nil }
        let known = Self.interpreters[String(script[script.index(after: dot)...])]
        // A name of a program in PATH may have a dot in it, too; a file that isn't there yet is
        // still one.
        return isFile || script.contains("/") || known != nil ? known : nil
    }

    /// A list, or a text taken apart as a shell would.
    private func list(_ key: String) throws(DeclarationError) -> [String] {
        if let texts = try fields.texts(key) { return texts }
        guard let value = try fields.value(key) else { return [] }
        return CommandWords(value).words.map(\.text)
    }

    private static func quoted(_ argument: String) -> String {
        "'"
            + argument.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: #"'\''"#) + "'"
    }
}
