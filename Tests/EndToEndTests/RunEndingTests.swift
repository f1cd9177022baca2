import Foundation
import Testing

extension EndToEnd {
    /// How a run ends: on a signal, with its command, or with a server that the command left.
    @Suite struct RunEndingTests {}
}

extension EndToEnd.RunEndingTests {
    /// Ignores what it can, and has a descendant in a session of its own that does so, too.
    private static let stubborn = """
        const { spawn } = require("node:child_process");
        for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
        if (!process.argv[2]) {
          const child = spawn(process.execPath, [__filename, "child"],
            { detached: true, stdio: "ignore" });
          console.log(`pids ${process.pid} ${child.pid}.`);
        }
        setInterval(() => {}, 1000);
        """

    private func pids(_ run: Program) async throws -> [Int32] {
        try await eventually("the PIDs are printed") {
            guard let line = run.output.split(separator: "\n").first(where: { $0.hasSuffix(".") })
            else { return nil }
            return line.dropLast().split(separator: " ").compactMap { Int32($0) }
        }
    }

    private func isThere(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal ends all that a run started, in bounded time`(signal: Int32) async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.stubborn, to: "stubborn.js")
            let run = try sandbox.startPortless(
                "--kill-timeout",
                "2",
                "stubborn",
                "node",
                "stubborn.js",
            )
            let pids = try await pids(run)
            #expect(pids.count == 2)
            let start = ContinuousClock.now
            run.send(signal)
            #expect(try await run.finished().status == 128 + signal)
            let duration = start.duration(to: .now)
            #expect(duration > .milliseconds(1800) && duration < .seconds(8))
            for pid in pids { try await eventually("gone") { isThere(pid) ? nil : () } }
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `a run that a script starts with & ends by kill -INT`() async throws {
        try await Sandbox.with { sandbox in
            let script = try sandbox.start(
                [
                    "sh", "-c",
                    """
                    "$0" shop sh -c 'touch ready; exec sleep 1000' & run=$!
                    until [ -e ready ]; do sleep 0.1; done
                    kill -INT $run; wait $run; echo "ended with $?"
                    """,
                    Binary.path,
                ]
            )
            let result = try await script.finished()
            #expect(result.output.hasSuffix("ended with 130\n"), "\(result.output)\(result.talk)")
            #expect(sandbox.stateFile("routes.json") == "[]")
        }
    }

    @Test func `the route of a run names the group to end if the run can't`() async throws {
        try await Sandbox.with { sandbox in
            let run = try sandbox.startPortless("shop", "sh", "-c", "echo $$; exec sleep 1000")
            let pid = try await eventually("the PID is printed") {
                Int32(run.output.split(separator: "\n").last ?? "")
            }
            try await eventually("the group is recorded") {
                let routes = sandbox.stateFile("routes.json")
                return routes.contains("\"childPgid\": \(pid)")
                    && routes.contains("\"childStartTime\": \"") ? () : nil
            }
            run.send(SIGTERM)
            #expect(try await run.finished().status == 128 + SIGTERM)
        }
    }

    @Test func `a third signal ends all at once`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.stubborn, to: "stubborn.js")
            let run = try sandbox.startPortless(
                "--kill-timeout",
                "0",
                "stubborn",
                "node",
                "stubborn.js",
            )
            let pids = try await pids(run)
            for _ in 0..<3 {
                run.send(SIGINT)
                try await Task.sleep(for: .milliseconds(600))
            }
            #expect(try await run.finished().status == 128 + SIGINT)
            for pid in pids { try await eventually("gone") { isThere(pid) ? nil : () } }
        }
    }

    @Test func `a server that a command leaves in the background is the run`() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(
                """
                const { spawn } = require("node:child_process");
                const child = spawn(process.execPath, [process.argv[2]],
                  { detached: true, stdio: "ignore" });
                child.unref();
                console.log(`pids ${child.pid}.`);
                """,
                to: "background.js",
            )
            for isEndedByUser in [false, true] {
                let run = try sandbox.startPortless(
                    "background",
                    "node",
                    "background.js",
                    Apps.path("node-http.js"),
                )
                let pid = try #require(try await pids(run).first)
                try await eventually("the run says so") {
                    run.talk.contains("went into the background as process \(pid)") ? () : nil
                }
                try await sandbox.answer(sandbox.url("background"))
                // Longer than a command's leftovers that serve nothing are waited for.
                try await Task.sleep(for: .seconds(4))
                #expect(run.status == nil)
                #expect(try await sandbox.curl(sandbox.url("background")).status == 200)
                #expect(!sandbox.stateFile("proxy.log").contains("portless did not start"))
                if isEndedByUser { run.send(SIGINT) } else { kill(pid, SIGKILL) }
                #expect(try await run.finished().status == (isEndedByUser ? 128 + SIGINT : 0))
                try await eventually("the server is gone") { isThere(pid) ? nil : () }
                #expect(sandbox.stateFile("routes.json") == "[]")
            }
        }
    }
}
