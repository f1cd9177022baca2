import ArgumentParser

/// The commands about the hosts file.
struct HostsCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hosts",
        abstract: "Put the names into the hosts file, or remove them.",
        discussion: """
            For programs that don't know that *.localhost is this machine. Nothing else in the file \
            is touched; PORTLESS_HOSTS_FILE names another one than the system's.
            """,
        subcommands: [HostsSyncCommand.self, HostsCleanCommand.self],
    )
}
