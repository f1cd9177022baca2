import Foundation

extension Sandbox {
    /// Points every trust store and the hosts file at the sandbox.
    static func withMachine(
        _ body: (_ sandbox: Sandbox, _ anchors: URL, _ hosts: URL) async throws -> Void
    ) async throws {
        try await Sandbox.with { sandbox in
            let anchors = sandbox.root.appending(path: "anchors")
            let hosts = sandbox.root.appending(path: "hosts")
            try FileManager.default.createDirectory(at: anchors, withIntermediateDirectories: true)
            try Data("127.0.0.1 localhost\n".utf8).write(to: hosts)
            // A refresh that does what update-ca-certificates does: all anchors in one file.
            let bundle = sandbox.root.appending(path: "bundle.pem")
            let refresh = sandbox.root.appending(path: "refresh")
            try Data(
                "#!/bin/sh\ncat \(anchors.path())/*.crt > \(bundle.path()) 2>/dev/null || : > \(bundle.path())\n"
                    .utf8
            ).write(to: refresh)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: refresh.path(),
            )
            var machine = sandbox
            machine.environment.merge([
                "PORTLESS_TRUST_ANCHORS": anchors.path(),
                "PORTLESS_TRUST_REFRESH": refresh.path(),
                "PORTLESS_TRUST_BUNDLE": bundle.path(),
                "PORTLESS_TRUST_NSS": "",
                "PORTLESS_HOSTS_FILE": hosts.path(),
            ]) { $1 }
            try await body(machine, anchors, hosts)
        }
    }
}
