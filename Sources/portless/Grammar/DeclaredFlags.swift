import ArgumentParser
import PortlessCore

/// The flags that a command's type declares.
struct DeclaredFlags {
    struct Flag: Hashable {
        let name: String
        let about: String
        /// The name of its value; nil where it takes none.
        let value: String?
        let values: [String]
    }

    private let names: Set<String>
    /// Those that help shows, but for help itself.
    let list: [Flag]

    var shown: [String] { list.map(\.name) }

    /// ArgumentParser tells of its declarations in the form that documentation tools read.
    init(of command: any ParsableCommand.Type) {
        let json = try? JSONValue(parsing: command._dumpHelp().utf8)
        let declared = json?["command"]?["arguments"]?.array ?? []
        names = Set(declared.flatMap(Self.names))
        list = declared.filter { $0["shouldDisplay"]?.bool == true }.flatMap { argument in
            Self.names(argument).map { name in
                Flag(
                    name: name,
                    about: argument["abstract"]?.string ?? "",
                    value: argument["kind"]?.string == "option"
                        ? argument["valueName"]?.string ?? "value" : nil,
                    values: Self.values(argument),
                )
            }
        }.filter { !["-h", "--help"].contains($0.name) }
    }

    private static func names(_ argument: JSONValue) -> [String] {
        (argument["names"]?.array ?? []).compactMap { name in
            guard let text = name["name"]?.string else { return nil }
            return (name["kind"]?.string == "long" ? "--" : "-") + text
        }
    }

    /// Those of an enum, or those that the declaration lists.
    private static func values(_ argument: JSONValue) -> [String] {
        let listed = argument["completionKind"]?["list"]?["values"]
        return ((argument["allValues"] ?? listed)?.array ?? []).compactMap(\.string)
    }

    func lack(_ argument: String) -> Bool {
        argument.hasPrefix("-") && argument != "-"
            && !names.contains(String(argument.prefix { $0 != "=" }))
    }

    /// The flag of this name, if its value is the next word.
    func taking(_ word: String) -> Flag? { list.first { $0.name == word && $0.value != nil } }
}
