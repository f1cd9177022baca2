import Foundation

/// A container engine of a sandbox: a socket that speaks its API, and a `docker` on the path.
struct FakeEngine {
    let folder: URL
    let environment: [String: String]

    /// Starts it, and puts a `docker` on the path.
    init(_ sandbox: Sandbox) async throws {
        folder = sandbox.root.appending(path: "engine")
        let bin = folder.appending(path: "bin")
        let files = FileManager.default
        try files.createDirectory(at: bin, withIntermediateDirectories: true)
        let docker = bin.appending(path: "docker")
        try Data(
            """
            #!/bin/sh
            case "$*" in *" config --format json"*) cat '\(folder.path())/project.json'; exit;; esac
            printf '%s\\n' "$@" > '\(folder.path())/called'
            cat '\(folder.path())/said' 2>/dev/null
            exit 37
            """.utf8
        ).write(to: docker)
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: docker.path())
        let socket = folder.appending(path: "d.sock").path()
        environment = [
            "DOCKER_HOST": "unix://\(socket)",
            "PATH": bin.path() + ":" + (sandbox.environment["PATH"] ?? ""),
        ]
        _ = try sandbox.start(["python3", Apps.path("engine.py"), socket, folder.path()])
        try await eventually("the engine's socket") {
            files.fileExists(atPath: socket) ? () : nil
        }
    }

    func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: file), options: .atomic)
    }

    func read(_ file: String) -> String {
        (try? String(contentsOf: folder.appending(path: file), encoding: .utf8)) ?? ""
    }

    /// A container as Docker lists it.
    static func container(
        _ name: String,
        port: Int,
        inner: Int = 80,
        address: String = "0.0.0.0",
        labels: [String: String] = [:],
    ) -> String {
        let labels = labels.map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")
        return """
            {"Id": "id-\(name)", "Names": ["/\(name)"], "Image": "nginx", "Created": 1367854155,
             "State": "running", "Labels": {\(labels)}, "HostConfig": {"NetworkMode": "default"},
             "Ports": [
               {"IP": "\(address)", "PrivatePort": \(inner), "PublicPort": \(port), "Type": "tcp"},
               {"IP": "::", "PrivatePort": \(inner), "PublicPort": \(port), "Type": "tcp"}]}
            """
    }

    /// Changes the list, and tells of it as Docker does.
    func set(_ containers: [String], event: String = "start") throws {
        try write("[" + containers.joined(separator: ",") + "]", to: "containers.json")
        try write(
            """
            {"status": "\(event)", "id": "x", "Type": "container", "Action": "\(event)", \
            "Actor": {"ID": "x", "Attributes": {"n": "\(UUID().uuidString)"}}}

            """,
            to: "event",
        )
    }
}
