import ArgumentParser
import PortlessCore
import SystemPackage

/// `portless config show`: what holds in this folder, and why.
struct ConfigShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show each setting that holds in this folder, and where it comes from.",
        discussion: """
            A flag counts before a variable, that before the project's portless.json, that before \
            config.json in the state directory. The flags are those of `proxy start`, to try them.
            """,
    )

    @Flag(help: "Print them as JSON.")
    var json = false

    @OptionGroup var flags: ProxyFlags

    func run(_ context: CommandContext) throws {
        let settings = try EffectiveSettings(context, flags: flags.request(context)).all
        guard !json else {
            let object: JSONObject = ["settings": .array(settings.map(\.json))]
            return context.console.print(JSONValue.object(object).formatted)
        }
        let rows = settings.map { [$0.name, $0.text, $0.origin.phrase] }
        context.console.print(TextTable(header: ["SETTING", "VALUE", "FROM"], rows: rows).text)
    }
}

/// A setting that holds, with its value as files and JSON have it.
struct EffectiveSetting {
    var name: String
    var value: JSONValue
    var origin: SettingOrigin

    /// The value for people.
    fileprivate var text: String {
        switch value {
        case .string(let text): text
        case .array(let values): values.compactMap(\.string).joined(separator: ", ")
        case .null: "none"
        default: value.compact
        }
    }

    fileprivate var json: JSONValue {
        var object: JSONObject = ["name": .string(name), "value": value]
        object["origin"] = .string(origin.word)
        switch origin {
        case .flag(let flag): object["flag"] = .string(flag)
        case .environment(let variable): object["variable"] = .string(variable)
        case .project(let file, let line), .user(let file, let line):
            object["file"] = .string(file.string)
            object["line"] = .integer(line)
        case .lastRun, .usual: break
        }
        return .object(object)
    }
}

extension SettingOrigin {
    fileprivate var word: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .project: "project"
        case .user: "user"
        case .lastRun: "lastRun"
        case .usual: "default"
        }
    }

    fileprivate var phrase: String {
        switch self {
        case .flag(let flag): flag
        case .environment(let variable): variable
        case .project(let file, let line), .user(let file, let line): "\(file):\(line)"
        case .lastRun: "the last proxy"
        case .usual: "default"
        }
    }
}
