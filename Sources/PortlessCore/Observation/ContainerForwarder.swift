/// Programs that pass a container's or virtual machine's ports on to this machine.
///
/// Whatever is behind them was not started where they were, and ending one stops no container.
package enum ContainerForwarder {
    package static func isOne(_ command: String?) -> Bool {
        command.map { command in names.contains { command.hasPrefix($0) } } ?? false
    }

    // The kernel cuts names after 15 characters.
    private static let names = [
        "docker-proxy", "com.docker", "vpnkit", "rootlessport", "rootlesskit", "slirp4netns",
        "pasta", "gvproxy", "OrbStack", "limactl", "colima", "conmon", "podman",
    ]
}
