import Foundation
import Testing

extension EndToEnd {
    /// Apps that start on request where processes are killed and files can't be used.
    @Suite struct OnRequestFaultTests {}
}

extension EndToEnd.OnRequestFaultTests {
    @Test func `a proxy that is killed while requests wait starts the app once all the same`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeCounting(listenAfter: 3, extra: #", "start": "on-request""#)
            try await sandbox.portless("apps", "add", ".")
            let url = sandbox.url("shop", scheme: "http")
            let clients = try (0..<10).map { _ in
                try sandbox.start([
                    "curl", "-sS", "--noproxy", "*", "--retry", "30", "--retry-delay", "1",
                    "--retry-all-errors", url,
                ])
            }
            try await eventually("it has begun") { sandbox.hasStarted ? true : nil }
            kill(try #require(sandbox.proxyDaemonID), SIGKILL)
            for client in clients {
                let result = try await client.finished(within: .seconds(60))
                #expect(result.output == "fine", "\(result.talk)")
            }
            #expect(sandbox.starts == 1)
            try await sandbox.portless("down")
        }
    }

    @Test func `whatever on-request.json holds, the proxy serves, and the server writes a new one`()
        async throws
    {
        try await Sandbox.with { sandbox in
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeCounting(extra: #", "start": "on-request""#)
            try await sandbox.portless("apps", "add", ".")
            let alive = try await sandbox.startOther()
            try await sandbox.portless("server", "stop")
            let proxy = try #require(sandbox.proxyDaemonID)
            let file = sandbox.state.appending(path: "on-request.json")
            func check(_ what: String) async throws {
                for url in [
                    sandbox.url("shop", scheme: "http"), sandbox.url("x", scheme: "http"),
                ] {
                    let answer = try await sandbox.curl(url, "-m", "20")
                    #expect([404, 502].contains(answer.status), "\(what): \(answer)")
                }
                #expect(try await sandbox.curl(alive).status == 200, "\(what)")
                let list = try await sandbox.portless("list")
                #expect(list.status == 0, "\(what): \(list.talk)")
                #expect(sandbox.proxyDaemonID == proxy, "\(what)")
            }
            let shop = #"{"app": "shop"}"#
            let texts = [
                "", "null", "[]", "\u{0}\u{1}", #"{"names": 5, "apps": [[]]}"#,
                #"{"names": {"shop.localhost": 7, "x.localhost": {"app": {}}}, "apps": {"shop": 1}}"#,
                #"{"names": {"shop.localhost": {"app": "../../x", "visits": "yes"}}}"#,
                #"{"names": {"shop.localhost": {"app": "none"}}}"#,
                #"{"apps": {"shop": {"startedAt": 1e300, "failures": -1, "idle": 1e99}}}"#,
                #"{"names": {"example.com": \#(shop), "*": \#(shop), "..": \#(shop), "": \#(shop)}}"#,
                #"{"names": {"localhost": \#(shop), "\#(String(repeating: "a.", count: 5000))": \#(shop)}}"#,
                String(repeating: "[", count: 1_000_000),
                String(repeating: #"{"names":"#, count: 200_000),
            ]
            for text in texts {
                try Data(text.utf8).write(to: file)
                try await check(String(text.prefix(80)))
            }
            // 100 MiB of nothing, and of the start of an object.
            try await sandbox.run("truncate", "-s", "100M", file.path())
            try await check("100 MiB")
            try await sandbox.run("rm", file.path())
            try await sandbox.run("ln", "-s", "/dev/zero", file.path())
            try await check("a link to a device")
            try await sandbox.run("rm", file.path())
            try await sandbox.run("mkfifo", file.path())
            try await check("a pipe")
            try await sandbox.run("rm", file.path())
            try Data(#"{"names": {"example.com": \#(shop)}}"#.utf8).write(to: file)
            try await sandbox.startServer()
            try await eventually("the server has written its own") {
                sandbox.stateFile("on-request.json").contains("shop.localhost") ? true : nil
            }
            #expect(!sandbox.stateFile("on-request.json").contains("example.com"))
            #expect(try await sandbox.curl(sandbox.url("shop", scheme: "http")).body == "fine")
            try await sandbox.portless("down")
        }
    }

    @Test(.enabled(if: PrivateMachine.isPossible, "only root can make a small disk"))
    func `a full and a read-only state directory harm only what has to be written there`()
        async throws
    {
        try await Sandbox.with(["PORTLESS_BOOT_WAIT": "5"]) { sandbox in
            try FileManager.default.createDirectory(
                at: sandbox.state,
                withIntermediateDirectories: true,
            )
            let disk = sandbox.state.path()
            try await sandbox.run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk)
            defer { unmount(disk) }
            try await sandbox.portless("proxy", "start", "--no-tls")
            try sandbox.writeCounting(extra: #", "start": "on-request", "idle": "2s""#)
            try await sandbox.portless("apps", "add", ".")
            let alive = try await sandbox.startOther()
            let url = sandbox.url("shop", scheme: "http")
            let proxy = try #require(sandbox.proxyDaemonID)
            func check() async throws {
                let answer = try await sandbox.curl(url, "-m", "40")
                #expect([200, 502, 503].contains(answer.status), "\(answer)")
                #expect(try await sandbox.curl(alive).status == 200)
                #expect(sandbox.proxyDaemonID == proxy)
            }
            let filler = sandbox.state.appending(path: "filler").path()
            _ = try await sandbox.start(["dd", "if=/dev/zero", "of=\(filler)"]).finished()
            try await check()
            try FileManager.default.removeItem(atPath: filler)
            try await eventually("it answers again") {
                try await sandbox.curl(url, "-m", "40").body == "fine" ? true : nil
            }
            try await eventually("it is stopped when idle") {
                try await sandbox.state() == "stopped" ? true : nil
            }

            try await sandbox.run("mount", "--bind", disk, disk)
            try await sandbox.run("mount", "-o", "remount,bind,ro", disk)
            try await check()
            unmount(disk)
            try await eventually("it answers once more") {
                try await sandbox.curl(url, "-m", "40").body == "fine" ? true : nil
            }
            try await sandbox.portless("down")
            try await sandbox.portless("server", "stop")
            try await sandbox.portless("proxy", "stop")
        }
    }

    private func unmount(_ disk: String) {
        #if canImport(Glibc)
        _ = umount2(disk, 2)
        #endif
    }
}

extension Sandbox {
    /// Another app, which has nothing to do with requests that start apps.
    fileprivate func startOther() async throws -> String {
        let port = try FreePort.next()
        try await portless("alias", "alive", String(port))
        _ = try start(["python3", "-m", "http.server", "--bind", "127.0.0.1", String(port)])
        let url = url("alive", scheme: "http")
        try await answer(url)
        return url
    }
}
