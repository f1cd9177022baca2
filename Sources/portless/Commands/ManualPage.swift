import ArgumentParser
import PortlessCore

/// `portless(1)`, made of the declarations of all commands.
enum ManualPage {
    static func text(version: String) -> String {
        let commands = PortlessCommand.configuration.subcommands.filter { $0.isShown }
        return """
            .\\" Made of the program's own declarations; see ManualPage.swift.
            .Dd November 28, 2026
            .Dt PORTLESS 1
            .Os Portless \(version)
            .Sh NAME
            .Nm portless
            .Nd names in place of ports for everything you run on this machine
            .Sh SYNOPSIS
            .Nm
            .Op Ar flags
            .Ar name
            .Op Fl -
            .Ar command ...
            .Nm
            .Cm run
            .Op Ar flags
            .Op Ar command ...
            .Nm
            .Ar command
            .Op Ar arguments
            .Sh DESCRIPTION
            The first form runs a command under a name:
            .Lk https://name.localhost
            leads to it, whatever port it listens on.
            The second one takes the name of the project.
            Without arguments the project's own script is run.
            All other calls are those of the commands below;
            .Nm
            .Cm help
            .Ar command
            shows each with examples.
            .Sh COMMANDS
            .Bl -tag -width Ds
            \(commands.flatMap { items($0, []) }.joined(separator: "\n"))
            .El
            .Sh FILES
            .Bl -tag -width Ds
            .It Pa ~/.portless
            What Portless remembers, or
            .Ev PORTLESS_STATE_DIR .
            .El
            .Sh EXIT STATUS
            .Bl -tag -width Ds
            \(Outcome.allCases.map { ".It \($0.rawValue)\n\(escaped($0.meaning))" }
                .joined(separator: "\n"))
            .El
            .Pp
            A run exits with the code of its command.

            """
    }

    private static func items(
        _ command: any ParsableCommand.Type,
        _ parents: [String],
    ) -> [String] {
        let words = parents + [command._commandName]
        let json = try? JSONValue(parsing: command._dumpHelp().utf8)
        let arguments = (json?["command"]?["arguments"]?.array ?? []).filter { argument in
            argument["shouldDisplay"]?.bool == true
                && argument["kind"]?.string == "positional"
        }
        let values = arguments.map { argument in
            let name = escaped(argument["valueName"]?.string ?? "value")
            let isRepeating = argument["isRepeating"]?.bool == true
            let isOptional = argument["isOptional"]?.bool == true
            return (isOptional ? "Op Ar " : "Ar ") + name + (isRepeating ? " ..." : "")
        }
        let head = (["Cm " + words.joined(separator: " ")] + values).joined(separator: " ")
        var lines = [".It \(head)"] + sentences(command.configuration.abstract)
        lines += sentences(command.configuration.discussion)
        let flags = DeclaredFlags(of: command).list
        if !flags.isEmpty {
            lines.append(".Bl -tag -width Ds")
            for flag in flags {
                let value = flag.value.map { " Ar \(escaped($0))" } ?? ""
                lines.append(".It Fl \(escaped(flag.name.dropFirst()))\(value)")
                lines += sentences(flag.about)
            }
            lines.append(".El")
        }
        let subcommands = command.configuration.subcommands.filter { $0.isShown }
        return lines + subcommands.flatMap { items($0, words) }
    }

    /// Each sentence as a line, by which roff knows where one ends.
    private static func sentences(_ text: String) -> [String] {
        text.split(separator: "\n").flatMap { line in
            line.split(separator: " ").reduce(into: [String]()) { lines, word in
                if let last = lines.last, !".!?".contains(last.last ?? " ") {
                    lines[lines.count - 1] = "\(last) \(word)"
                } else {
                    lines.append(String(word))
                }
            }
        }.map(escaped)
    }

    /// A line of text that roff takes for nothing else.
    private static func escaped(_ text: some StringProtocol) -> String {
        let line = text.trimmingBlanks.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
    }
}

extension ParsableCommand {
    fileprivate static var isShown: Bool { configuration.shouldDisplay }
}

/// Prints the manual page, for `make install`.
struct ManualCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "__manual", shouldDisplay: false)

    func run(_ context: CommandContext) throws {
        context.console.print(String(ManualPage.text(version: Portless.version).dropLast()))
    }
}
