import HostSystem
import PortlessCore
import SystemPackage

/// What is to take the running proxy's place, left by `proxy restart` in a file for the proxy.
///
/// Only its own user (or root) can write there.
struct ProxyRestartPlan: Equatable {
    var executable: FilePath
    var arguments: [String]

    func write(in directory: StateDirectory) throws {
        let object: JSONObject = [
            "executable": .string(executable.string),
            "arguments": .array(arguments.map(JSONValue.string)),
        ]
        try directory.write(
            JSONValue.object(object).formatted,
            to: directory.proxyRestart,
            isSecret: true,
        )
    }

    static func read(in directory: StateDirectory) throws -> ProxyRestartPlan {
        let value = try directory.text(of: directory.proxyRestart)
            .map { try JSONValue(parsing: $0.utf8) }
        guard let executable = value?["executable"]?.string,
            let arguments = value?["arguments"]?.array?.compactMap(\.string)
        else { throw Failure("\(directory.proxyRestart) doesn't say what to start.") }
        return ProxyRestartPlan(executable: FilePath(executable), arguments: arguments)
    }

    /// The proxy's answer where it couldn't follow the plan.
    static func write(failure: String, in directory: StateDirectory) throws {
        let object: JSONObject = ["failure": .string(failure)]
        try directory.write(
            JSONValue.object(object).formatted,
            to: directory.proxyRestart,
            isSecret: true,
        )
    }

    static func failure(in directory: StateDirectory) throws -> String? {
        try directory.text(of: directory.proxyRestart)
            .flatMap { try? JSONValue(parsing: $0.utf8) }?["failure"]?.string
    }
}

extension StateDirectory {
    var proxyRestart: FilePath { path.appending("proxy.restart") }
}
