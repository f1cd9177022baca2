import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Runner

struct ProcessFileNameTests {
    private let folder = KeeperFolder("/apps/shop")

    @Test(arguments: ["web", "web-2", "api.v2", "worker_1", "crash", "a@b:c"])
    func `plain names are those of the files`(name: String) {
        #expect(folder.log(of: name) == folder.logs.appending("\(name).log"))
        #expect(folder.crash(of: name) == folder.logs.appending("\(name).crash.log"))
        #expect(folder.pid(of: name) == folder.pids.appending(name))
        #expect(folder.pipe(of: name, .output) == folder.pipes.appending("\(name).out"))
    }

    @Test func `no two processes share a file, whether capitals count or not`() {
        let names = [
            "web", "Web", "wEb", "WEB", "web.crash", "web.Crash", "Web.crash", "web.crash.crash",
            "web.out", "web.err", "web.log", "web.log.1", "web.crash.log", "abcdEfghI", "Abcdefghi",
            String(repeating: "A", count: 120), String(repeating: "a", count: 120),
        ]
        for name in names { #expect(ProcessName.isValid(name)) }
        let files = names.flatMap { name in
            [
                folder.log(of: name), folder.crash(of: name), folder.pid(of: name),
                folder.pipe(of: name, .output), folder.pipe(of: name, .error),
            ] + (1...3).map { FilePath("\(folder.log(of: name)).\($0)") }
        }
        #expect(Set(files.map { $0.string.lowercased() }).count == files.count)
        for file in files { #expect((file.lastComponent?.string.utf8.count ?? 0) < 200) }
        for name in names where name != name.lowercased() || name.hasSuffix(".crash") {
            #expect(!ProcessName.isValid(ProcessFileName(process: name).text))
        }
    }

    @Test func `what an older version has written is found under its new name`() throws {
        try TemporaryDirectory.with { path in
            let folder = KeeperFolder(path)
            try folder.create()
            for file in ["Web.log", "Web.log.1", "Web.crash.log", "web.log", "web.crash.log"] {
                try folder.logs.write(file, file)
            }
            try folder.pids.write("Web", "1234")
            try NamedPipe.make(folder.pipes.appending("Web.out"))
            // A keeper of an older version may still run.
            #expect(folder.log(of: "Web") == folder.logs.appending("Web.log"))
            for name in ["Web", "web", "web.crash"] { folder.renameOlderFiles(of: name) }
            let logs = DirectoryListing.names(folder.logs).sorted()
            #expect(
                logs == ["Web~1.crash.log", "Web~1.log", "Web~1.log.1", "web.crash.log", "web.log"]
            )
            #expect(folder.log(of: "Web") == folder.logs.appending("Web~1.log"))
            #expect(folder.readPID(of: "Web") != nil)
            #expect(try FileStatus.of(folder.pipe(of: "Web", .output)) != nil)
        }
    }
}
