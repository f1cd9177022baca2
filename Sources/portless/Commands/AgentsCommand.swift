import ArgumentParser
import HostSystem
import PortlessCore
import SystemPackage

/// `portless agents`: what a project's AGENTS.md should say of Portless.
struct AgentsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents",
        abstract: "Print what agents should know of Portless, for a project's AGENTS.md.",
        discussion: """
            With --write the text becomes a section of AGENTS.md in this folder, between two marks; \
            everything outside them stays as it is.
            """,
    )

    @Flag(help: "Add the text to AGENTS.md, or bring it up to date there.")
    var write = false

    func run(_ context: CommandContext) throws {
        guard write else { return context.console.print(AgentsSection.text) }
        let file = context.workingDirectory.appending("AGENTS.md")
        let status = try FileStatus.of(file, followingLinks: false)
        guard status?.isRegularFile != false else {
            throw Failure(
                "\(file) is no regular file, so it is left alone.",
                remedy: "`portless agents` prints the text to add by hand.",
            )
        }
        let old = try AtomicFile.readIfPresent(file) ?? []
        guard let text = String(validating: old, as: UTF8.self),
            let new = AgentsSection.added(to: text)
        else {
            throw Failure(
                "\(file) has one of the marks \(AgentsSection.begin) and \(AgentsSection.end) "
                    + "without the other, or is no text in UTF-8.",
                remedy: "Repair it, or add the text by hand: portless agents",
            )
        }
        guard new != text else { return context.console.print("\(file) has it already.") }
        try AtomicFile.write(
            new.utf8,
            to: file,
            mode: status?.permissions ?? [.ownerReadWrite, .groupRead, .otherRead],
        )
        context.console.print("\(status == nil ? "Wrote" : "Updated") \(file).")
    }
}

/// The section about Portless in a project's AGENTS.md.
enum AgentsSection {
    static let begin = "<!-- portless: begin -->"
    static let end = "<!-- portless: end -->"

    /// The file with the section: in the place of an older one, else at its end; nil where the
    /// marks don't belong together.
    static func added(to text: String) -> String? {
        let section = "\(begin)\n\(self.text)\n\(end)"
        guard let first = text.firstRange(of: begin) else {
            guard text.firstRange(of: end) == nil else { return nil }
            let separator = text.isEmpty ? "" : text.hasSuffix("\n") ? "\n" : "\n\n"
            return text + separator + section + "\n"
        }
        guard let last = text[first.upperBound...].firstRange(of: end) else { return nil }
        return text[..<first.lowerBound] + section + text[last.upperBound...]
    }

    static let text = """
        ## Development servers

        Portless runs the servers of this project. Each has a name and a URL that stay the same, such \
        as `https://shop.localhost`; ports are chosen by Portless and may change.

        - Never write a port into code, configuration or a command, and never guess one: ask for the URL.
        - Never start a server in a terminal of your own (`npm run dev &`), and never kill what listens \
        on a port: it may belong to another checkout.
        - Each git worktree is an app of its own, with its own name, ports and data. Work in the folder \
        that you were given; commands mean the app of that folder.

        | To | Run |
        |---|---|
        | start everything and wait until it answers | `portless up --wait --json` |
        | start one command that no file declares | `portless run --detach --json <command…>` |
        | wait until a name answers | `portless wait <name> --json` |
        | get a URL | `portless get <name>` |
        | see what runs, and why something doesn't | `portless ps --json` |
        | read logs | `portless logs -n 50 <process>` |
        | restart, or end | `portless restart <process>`, `portless down` |
        | see requests as they arrive | `portless traffic -n 20 <name>` |
        | find out what is wrong | `portless doctor --json` |

        `up`, `run --detach` and `wait` return 0 when the servers answer, 3 when a process crashed (its \
        last lines are in `lastLines`), 4 when the time was over (it goes on running), 5 when another \
        program has the port, 6 when the project's files are wrong, 7 when there is no such name.
        In code, use `PORTLESS_URL`, `PORT` and `PORTLESS_URL_<APP>` from the environment.
        No command asks anything when it is called with `--no-input` or without a terminal.
        """
}
