import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import portless

@Suite struct CleanCommandTests {
    @Test func `where nothing was done there is nothing to undo`() async throws {
        try await CommandWorld.with { world in
            #expect(await world.run("clean").output == "There is nothing to clean.\n")
        }
    }

    @Test func `it removes what Portless made, and nothing else`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.isFree = { _ in true }
            world.context.runner = EmptyRunner()
            try world.root.write("hosts", "127.0.0.1 localhost\n")
            #expect(await world.run("alias db 5432").code == 0)
            #expect(await world.run("ports lease shop api ui").code == 0)
            #expect(await world.run("hosts sync").code == 0)
            let hosts = world.root.appending("hosts")
            #expect(String(decoding: try AtomicFile.read(hosts), as: UTF8.self).contains("db."))
            let state = try world.state
            try state.path.write("notes.txt", "mine")

            let result = await world.run("clean")
            #expect(result.code == 0, "\(result.talk)")
            #expect(result.output == "Clean finished.\n")
            #expect(DirectoryListing.names(state.path) == ["notes.txt"])
            let text = String(decoding: try AtomicFile.read(hosts), as: UTF8.self)
            #expect(text == "127.0.0.1 localhost\n")
        }
    }

    @Test func `settings and certificates that the user has put there stay`() async throws {
        try await CommandWorld.with { world in
            world.hasNoProxy()
            world.context.runner = EmptyRunner()
            try world.root.write("hosts", "")
            let state = try world.state
            _ = try FileSystem.makeDirectory(state.path, mode: .ownerReadWriteExecute)
            let kept: [StateFile] = [
                .configuration, .originalCertificate, .originalKey, .serverCertificates,
            ]
            let files = StateFile.all.filter { $0.kind == .file || $0.kind == .log }
            for file in files where file.cleaning == .deleted || kept.contains(file) {
                try state.path.write(file.name, "")
            }
            try state.path.write("certs/cert.pem", "mine")
            try state.path.write("server-key.pem", "mine")

            let result = await world.run("clean")
            #expect(result.code == 0, "\(result.talk)")
            #expect(Set(DirectoryListing.names(state.path)) == Set(kept.map(\.name)))
        }
    }
}
