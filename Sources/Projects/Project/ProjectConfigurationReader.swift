import PortlessCore
import SystemPackage

/// Checks the types of a configuration's values, and names the file and key that is wrong.
struct ProjectConfigurationReader {
    let file: FilePath

    func configuration(
        _ value: JSONValue
    ) throws(ProjectConfigurationError)
        -> ProjectConfiguration
    {
        guard let object = value.object else {
            throw .wrongType(file, key: "portless", expected: "an object")
        }
        var result = ProjectConfiguration()
        result.app = try app(object, prefix: "")
        if let turbo = object["turbo"] {
            guard let usesTurbo = turbo.bool else {
                throw .wrongType(file, key: "turbo", expected: "true or false")
            }
            result.usesTurbo = usesTurbo
        }
        if let apps = object["apps"] {
            guard let entries = apps.object else {
                throw .wrongType(file, key: "apps", expected: "an object")
            }
            for (path, entry) in entries.members {
                let prefix = "apps.\(path)"
                guard let object = entry.object else {
                    throw .wrongType(file, key: prefix, expected: "an object")
                }
                result.apps[Self.normalized(path)] = try app(object, prefix: prefix + ".")
                result.unknownKeys += unknown(object, known: Self.appKeys, prefix: prefix + ".")
            }
        }
        let (processes, unknownProcessKeys) = try processes(object)
        result.processes = processes
        result.unknownKeys += unknownProcessKeys
        // `$schema` is how editors find out what may stand here.
        let known = Self.appKeys.union(["apps", "processes", "turbo", "$schema"])
        result.unknownKeys += unknown(object, known: known, prefix: "")
        return result
    }

    private static let appKeys: Set = ["name", "script", "appPort", "ports", "proxy"]

    private func app(
        _ object: JSONObject,
        prefix: String,
    )
        throws(ProjectConfigurationError) -> AppConfiguration
    {
        var app = AppConfiguration()
        app.name = try text("name", object, prefix)
        app.script = try text("script", object, prefix)
        if let value = object["appPort"] {
            guard let port = value.integer.flatMap({ Port($0) }) else {
                throw .wrongType(
                    file,
                    key: prefix + "appPort",
                    expected: "a whole number from 1 to 65535",
                )
            }
            app.appPort = port
        }
        app.ports = try ports(object, prefix: prefix)
        if let value = object["proxy"] {
            guard let isProxied = value.bool else {
                throw .wrongType(file, key: prefix + "proxy", expected: "true or false")
            }
            app.isProxied = isProxied
        }
        return app
    }

    private func text(
        _ key: String,
        _ object: JSONObject,
        _ prefix: String,
    )
        throws(ProjectConfigurationError) -> String?
    {
        guard let value = object[key] else { return nil }
        guard let text = value.string, !text.trimmingBlanks.isEmpty else {
            throw .wrongType(file, key: prefix + key, expected: "a string that isn't blank")
        }
        return text
    }

    private func unknown(_ object: JSONObject, known: Set<String>, prefix: String) -> [String] {
        object.keys.filter { !known.contains($0) }.map { prefix + $0 }
    }

    /// `./apps/web/` is `apps/web`.
    private static func normalized(_ path: String) -> String {
        path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
