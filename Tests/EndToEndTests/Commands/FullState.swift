import Foundation
import Testing

/// A sandbox whose state directory has everything that use puts there, and a copy of it.
struct FullState {
    let sandbox: Sandbox
    /// As it lay there when the machine lost its power: what its files name doesn't run any more.
    let copy: URL

    /// Gives a used sandbox to `body`, in which everything still runs.
    static func withRunning(_ body: (Sandbox) async throws -> Void) async throws {
        try await Sandbox.withMachine { machine, _, _ in
            var sandbox = machine
            try sandbox.hideBrowsers()
            try await sandbox.use()
            try await body(sandbox)
        }
    }

    /// Gives a used sandbox to `body`, in which nothing runs.
    static func with(_ body: (FullState) async throws -> Void) async throws {
        try await withRunning { sandbox in
            let copy = sandbox.root.appending(path: "copy")
            // As `cp` does it: with the named pipes and sockets.
            try await sandbox.run("cp", "-a", sandbox.state.path(), copy.path())
            sandbox.killAll()
            let full = FullState(sandbox: sandbox, copy: copy)
            try await full.restore()
            try await body(full)
        }
    }

    /// Takes the state directory as it is now for the one to go back to.
    func keep() async throws {
        try await sandbox.run("rm", "-rf", copy.path())
        try await sandbox.run("cp", "-a", sandbox.state.path(), copy.path())
    }

    func restore() async throws {
        try await sandbox.run("rm", "-rf", sandbox.state.path())
        try await sandbox.run("cp", "-a", copy.path(), sandbox.state.path())
    }

    /// Puts one file back.
    func restore(_ name: String) async throws {
        let path = sandbox.state.appending(path: name).path()
        try await sandbox.run("rm", "-rf", path)
        try await sandbox.run("cp", "-a", copy.appending(path: name).path(), path)
    }

    /// The names of the files and folders, such as `apps/shop/plan.json`.
    var names: [String] {
        FolderContent(copy).items.filter { $0.value != .other }.keys.sorted()
    }
}

extension Sandbox {
    /// Whatever opens a page does nothing.
    mutating func hideBrowsers() throws {
        let folder = root.appending(path: "programs")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["xdg-open", "open"] {
            let program = folder.appending(path: name)
            try Data("#!/bin/sh\n".utf8).write(to: program)
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: program.path(),
            )
        }
        environment["PATH"] = "\(folder.path()):\(environment["PATH"] ?? "")"
    }

    /// A project that ends at once in the foreground, and goes on in the background.
    func writeProject() throws {
        try write(#"{"name": "shop", "scripts": {"dev": "true"}}"#, to: "package.json")
        try write(#"{"processes": {"api": {"command": "node server.js"}}}"#, to: "portless.json")
        let server = "require('http').createServer((_, a) => a.end('shop'))"
        try write("\(server).listen(process.env.PORT, () => console.log('up'))", to: "server.js")
    }

    /// Uses every part of the program once.
    fileprivate func use() async throws {
        try writeProject()
        _ = try leaseFromOwnRange()
        func succeed(_ arguments: String...) async throws {
            let result = try await start([Binary.path] + arguments).finished()
            try #require(result.status == 0, "\(arguments): \(result.output)\(result.talk)")
        }
        try await succeed("ports", "lease", "shop", "api", "ui")
        try await succeed("apps", "add", ".")
        try await succeed("alias", "db", "5433")
        try await succeed("trust")
        try await succeed("server", "cert")
        _ = try startPortless("web", "node", "server.js")
        try await answer(url("web"))
        try await succeed("up")
        try await answer(url("shop"))
    }
}
