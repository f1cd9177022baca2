import ArgumentParser
import HostSystem
import PortlessCore
import Runner

/// `portless completions`: the script by which a shell completes calls of this program.
struct CompletionsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the script by which a shell completes calls of portless.",
        discussion: """
            bash: put `source <(portless completions bash)` into ~/.bashrc.
            zsh: put `source <(portless completions zsh)` into ~/.zshrc, after compinit.
            fish: portless completions fish > ~/.config/fish/completions/portless.fish
            """,
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    func run(_ context: CommandContext) throws {
        guard let text = CompletionScript.text(for: shell.rawValue) else { return }
        context.console.print(String(text.dropLast()))
    }
}

/// What may stand at the end of a call, for the shells' scripts; it starts nothing and writes nothing.
struct CompleteCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "__complete",
        shouldDisplay: false,
    )

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func run(_ context: CommandContext) throws {
        let words = self.words.first == "--" ? Array(self.words.dropFirst()) : self.words
        let directory = try context.stateDirectory()
        for line in Completion(known: .init(directory)).answer(words).lines {
            context.console.print(line)
        }
    }
}

extension Completion.Known {
    /// From the files of a state directory; what can't be read has no names.
    init(_ directory: StateDirectory) {
        let routes = { (try? RoutesStore(directory: directory).list()) ?? [] }
        let tlds = { (try? directory.proxyMarkers().tlds) ?? [.localhost] }
        names = {
            let suffixes = tlds().map { ".\($0)" }
            return routes().map { entry in
                let suffix = suffixes.first { entry.hostname.hasSuffix($0) }
                return String(entry.hostname.dropLast(suffix?.count ?? 0))
            }
        }
        apps = {
            let registered = (try? AppRegistry(directory: directory).list())?.map(\.name) ?? []
            return StoredApps.list(in: directory).map(\.name.description) + registered
        }
        processes = { StoredApps.list(in: directory).flatMap(\.processes).map(\.name) }
        leases = {
            let leases = (try? LeaseStore(directory: directory).list()) ?? []
            return Dictionary(
                leases.map { ($0.app.description, $0.ports.map(\.label)) },
                uniquingKeysWith: { $0 + $1 },
            )
        }
        ports = { routes().compactMap(\.port?.description) }
        jobs = { DirectoryListing.names(directory[.jobs]).sorted() }
        crashes = { CrashStore(directory: directory).records().map(\.id) }
        machines = { RemoteFolder(in: directory).statuses().map(\.host.name) }
    }
}
