import Foundation
import Testing

extension EndToEnd {
    /// Every command, on every state that the state directory can be in.
    @Suite struct CommandTests {}
}

extension EndToEnd.CommandTests {
    /// What is made of other things and made again from them, whatever was there: by daemons and
    /// runs when they start, by `server cert` of our own authority, by `up` of the project.
    private static func isRenewed(_ name: String) -> Bool {
        let beginnings = [
            "proxy.", "server.", "server/", "routes.lock", "routes.queue", "ca.", "ca-",
            "ports-memory.json", "certs/", "on-request.json",
        ]
        let words = ["keeper", "plan.json", "status.json", "pids", "pipes", "logs"]
        return name == "server" || name.hasSuffix(".lock") || name.hasSuffix(".log")
            || beginnings.contains(where: name.hasPrefix)
            || name.hasPrefix("apps/") && words.contains(where: name.contains)
    }

    /// A call that went as no call may go, in words; nil for a good one.
    private func complaint(
        about call: [String],
        _ result: Program.Result,
    ) -> String? {
        let text = result.output + result.talk
        let line = "portless \(call.joined(separator: " "))"
        // Commands that wait tell kinds of failure apart (docs/exit-codes.md).
        let known: Set<Int32> =
            ["up", "wait"].contains(call.first) ? [0, 1, 3, 4, 5, 6, 7] : [0, 1]
        guard known.contains(result.status) else {
            return "\(line) ended with \(result.status): \(text.suffix(2000))"
        }
        for trace in ["Fatal error", "Current stack trace", "*** ", "Thread 0", "💣"]
        where text.contains(trace) {
            return "\(line) crashed: \(text.suffix(2000))"
        }
        if result.status == 1, text.isEmpty { return "\(line) fails without a word" }
        return nil
    }

    private func run(_ call: [String], _ sandbox: Sandbox) async throws -> Program.Result {
        let program = try sandbox.start([Binary.path] + call)
        do {
            return try await program.finished(within: .seconds(40))
        } catch {
            program.send(SIGKILL)
            return Program.Result(status: 124, output: program.output, talk: "\(error)")
        }
    }

    /// The results of all calls that change nothing, several at a time.
    private func readAll(_ sandbox: Sandbox) async throws -> [[String]: Program.Result] {
        let calls = CommandCalls.reading.flatMap { command, arguments in
            arguments.map { command.split(separator: " ").map(String.init) + $0 }
        }
        var results: [[String]: Program.Result] = [:]
        try await withThrowingTaskGroup(of: ([String], Program.Result).self) { group in
            for (index, call) in calls.enumerated() {
                if index >= 4, let (done, result) = try await group.next() {
                    results[done] = result
                }
                group.addTask { (call, try await run(call, sandbox)) }
            }
            for try await (done, result) in group { results[done] = result }
        }
        let scratch = sandbox.root.appending(path: "scratch")
        for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path()) {
            try FileManager.default.removeItem(at: scratch.appending(path: name))
        }
        return results
    }

    /// Makes the calls that change something, all but the last, which takes all away.
    private func changeAll(
        _ sandbox: Sandbox,
        besides left: Set<String> = [],
        where situation: String,
    ) async throws {
        for (command, arguments) in CommandCalls.changing.dropLast()
        where !left.contains(command) {
            for last in arguments {
                try await change(command, last, sandbox, where: situation)
            }
        }
        for log in ["proxy.log", "server.log"] {
            let text = sandbox.stateFile(log)
            #expect(!text.contains("Fatal error"), "\(situation)")
        }
    }

    private func clean(_ sandbox: Sandbox, where situation: String) async throws {
        try await change("clean", [], sandbox, where: situation)
    }

    private func change(
        _ command: String,
        _ arguments: [String],
        _ sandbox: Sandbox,
        where situation: String,
    ) async throws {
        let call = command.split(separator: " ").map(String.init) + arguments
        let problem = complaint(about: call, try await run(call, sandbox))
        #expect(problem == nil, "\(situation)")
    }

    @Test func `the tests know every command that the help lists`() async throws {
        try await Sandbox.with { sandbox in
            let listed = try await CommandList.listed(by: sandbox)
            #expect(listed == CommandCalls.all)
        }
    }

    @Test func `every command works where there is no state`() async throws {
        try await Sandbox.withMachine { machine, _, _ in
            var sandbox = machine
            try sandbox.hideBrowsers()
            try sandbox.writeProject()
            for (call, result) in try await readAll(sandbox) {
                #expect(complaint(about: call, result) == nil)
            }
            let made = FolderContent(sandbox.state).items.keys
            #expect(
                made.allSatisfy { $0.hasPrefix("routes.") || $0.hasSuffix(".lock") },
                "\(made)",
            )
            _ = try sandbox.leaseFromOwnRange()
            try await changeAll(sandbox, where: "without any state")
            try await clean(sandbox, where: "without any state")
        }
    }

    @Test func `every command works in full use`() async throws {
        try await FullState.withRunning { sandbox in
            let failing = Set([
                "alias", "ports kill", "ports lease", "dns install", "dns status", "worktrees",
                "worktrees --json", "browser status", "qr db", "qr --json",
            ])
            for (call, result) in try await readAll(sandbox) {
                #expect(complaint(about: call, result) == nil)
                let mayFail =
                    call.contains("nothing-there")
                    || failing.contains(call.prefix(2).joined(separator: " "))
                #expect(result.status == 0 || mayFail, "\(call): \(result.output)\(result.talk)")
            }
            try await changeAll(sandbox, where: "in full use")
            try await clean(sandbox, where: "in full use")
        }
    }

    @Test(arguments: StateDamage.allCases)
    func `every reading command names a state file that is broken and leaves it`(
        damage: StateDamage
    ) async throws {
        try await FullState.with { full in
            let usual = try await readAll(full.sandbox)
            // Without the routes of runs that are gone, which each writing of the table drops.
            try await full.keep()
            for name in full.names {
                let file = full.sandbox.state.appending(path: name)
                guard damage.applies(to: file) else { continue }
                try damage.apply(to: file)
                let before = FolderContent(full.sandbox.state)
                for (call, result) in try await readAll(full.sandbox) {
                    let problem = complaint(about: call, result)
                    #expect(problem == nil, "\(name) \(damage)")
                    let text = result.output + result.talk
                    if result.status == 1, usual[call]?.status == 0 {
                        let named = text.contains(file.lastPathComponent)
                        #expect(named, "\(name) \(damage): \(call) says only: \(text)")
                    }
                }
                let changes = FolderContent(full.sandbox.state).changes(from: before)
                // `trust --status` puts the marker right.
                #expect(Set(changes).subtracting(["ca.trusted"]) == [], "\(name) \(damage)")
                for change in Set(changes + [name]) { try await full.restore(change) }
            }
        }
    }

    @Test(arguments: StateDamage.allCases)
    func `no command that writes crashes on a broken state file or writes over it`(
        damage: StateDamage
    ) async throws {
        try await FullState.with { full in
            // In turn, because each round starts all daemons: every file has two of the damages.
            let turn = StateDamage.allCases.firstIndex(of: damage) ?? 0
            for (index, name) in full.names.enumerated()
            where (index + turn) % StateDamage.allCases.count < 2 {
                let file = full.sandbox.state.appending(path: name)
                guard damage.applies(to: file) else { continue }
                try damage.apply(to: file)
                let before = FolderContent.item(file)
                try await changeAll(
                    full.sandbox,
                    besides: CommandCalls.onlyAsking,
                    where: "\(name) \(damage)",
                )
                let isLeft = FolderContent.item(file) == before
                #expect(isLeft || Self.isRenewed(name), "\(name) \(damage)")
                try await clean(full.sandbox, where: "\(name) \(damage)")
                full.sandbox.killAll()
                try await full.restore()
            }
        }
    }
}
