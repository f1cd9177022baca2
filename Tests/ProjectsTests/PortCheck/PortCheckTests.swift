import Testing

@testable import PortlessCore
@testable import Projects

struct PortCheckTests {
    private func project(
        _ path: String,
        _ ports: [(label: String, port: Port, line: Int)],
    ) -> PortCheck.Project {
        var draft = ProcessDraft(name: "\(path)-api", directory: "")
        for (label, port, line) in ports {
            let location = SourceLocation(file: "ecosystem.config.cjs", line: line)
            draft.add(PortSource(label: label, port: port, location: location, rule: "ports"))
        }
        return PortCheck.Project(
            path: path,
            detected: DetectedProject(name: path, processes: [draft.process]),
        )
    }

    private func texts(_ projects: PortCheck.Project...) -> [String] {
        let range = PortRange(first: 32768, last: 60999)
        return PortCheck(projects, systemEphemeral: range).findings.map(\.text)
    }

    @Test
    func `a whole block has nothing to be said about`() {
        #expect(texts(project("a", [("api", 5570, 1), ("ui", 5571, 2)])) == [])
    }

    @Test
    func `ports that are refused, expected or taken by others are found with their place`() {
        #expect(
            texts(project("a", [("api", 6000, 3), ("ui", 5432, 4), ("ws", 40000, 5)])) == [
                "a/ecosystem.config.cjs:3: error: browsers refuse to open port 6000 [browser-blocked]",
                "a/ecosystem.config.cjs:4: warning: port 5432 is one that other programs expect to have [well-known]",
                "a/ecosystem.config.cjs:5: warning: port 40000 lies in 32768–60999, from where the system takes ports for outgoing connections [ephemeral-range]",
            ]
        )
    }

    @Test func `files that replace values of .env are no second declaration`() {
        let web = process(
            "web",
            source("ui", 4001, ".env.local", 1, rule: ".env.local PORT"),
            source("ui", 4000, ".env", 1, rule: ".env PORT"),
        )
        #expect(texts(of: web).isEmpty)
    }

    @Test func `a port that gets no name may be one that browsers refuse`() {
        let ports: [(String, Port, Int)] = [
            ("smtp", 587, 1), ("ssh", 22, 2), ("udp6000", 6000, 3), ("smtp25", 25, 4),
        ]
        #expect(!texts(project("a", ports)).contains { $0.contains("browser") })
    }

    @Test func `a framework's default is worth a word only where something else has it`() {
        let web = process("web", source("ui", 3000, "Procfile", 1, rule: "Procfile -p"))
        #expect(texts(of: web).isEmpty)
        var detected = DetectedProject(name: "a", processes: [web])
        detected.dependencies = [
            .init(name: "db", port: 3000, location: SourceLocation(file: ".env", line: 1))
        ]
        let check = PortCheck([.init(path: ".", detected: detected)], systemEphemeral: nil)
        #expect(check.findings.map(\.rule) == [.wellKnown])
    }

    @Test func `what the caller or the system chooses when it runs is no finding`() {
        var detected = DetectedProject(name: "a")
        detected.unresolved = [
            Unresolved(
                file: "a",
                line: 1,
                reason: "X comes from the environment and has no default",
            ),
            Unresolved(file: "a", line: 2, reason: "PORT is 0: the port is chosen when it runs"),
            Unresolved(file: "a", line: 3, reason: "this is a function"),
        ]
        let check = PortCheck([.init(path: ".", detected: detected)], systemEphemeral: nil)
        #expect(check.findings.map(\.line) == [3])
    }

    @Test
    func `what other files say beside a process manager's is a warning, and can clash`() {
        let detected = FixtureCase(name: "managed-and-others").detect()
        let shop = PortCheck.Project(path: "shop", detected: detected)
        let place = "but shop has api at 21510 in shop/ecosystem.config.cjs:2 [declared-twice]"
        #expect(
            texts(shop) == [
                "shop/.env:1: warning: port 21511 here, \(place)",
                "shop/package.json:1: warning: port 21514 here, \(place)",
                "shop/vite.config.js:1: warning: port 21513 here, \(place)",
            ]
        )
        let found = texts(shop, project("z", [("api", 21511, 1)]))
        #expect(found.last?.contains("error: port 21511 is also") == true)
    }

    @Test func `a container's port neither contradicts the lease nor what runs here`() throws {
        let image = process("a", source("api", 8000, "Dockerfile", 2, rule: "Dockerfile EXPOSE"))
        var project = PortCheck.Project(
            path: ".",
            detected: DetectedProject(name: "a", processes: [image]),
        )
        project.lease = PortLease(
            app: try AppName(parsing: "a"),
            ports: [LeasedPort(label: "api", port: 5570)],
        )
        #expect(!texts(project).contains { $0.contains("leased") || $0.contains("block") })
        let built = FixtureCase(name: "compose-of-packages").detect()
        #expect(
            texts(PortCheck.Project(path: ".", detected: built)) == [
                "compose.yaml:8: note: api has api at 25502 here and in api/package.json:4 [declared-twice]"
            ]
        )
        let beside = FixtureCase(name: "image-beside-manager").detect()
        #expect(beside.unmanaged.isEmpty)
    }

    @Test
    func `two apps can't have the same port, but one app may name its port twice`() {
        let found = texts(
            project("a", [("api", 5570, 1), ("ipc", 5570, 2)]),
            project("b", [("api", 5570, 7), ("ui", 5571, 8)]),
        )
        #expect(
            found == [
                "b/ecosystem.config.cjs:7: error: port 5570 is also a-api's of a, at a/ecosystem.config.cjs:1 [duplicate]"
            ]
        )
    }

    @Test
    func `gaps, contradictions and what differs from the lease are found`() throws {
        var project = project("a", [("api", 5570, 1), ("ui", 5573, 2), ("api", 5575, 3)])
        project.lease = PortLease(
            app: try AppName(parsing: "a"),
            ports: [LeasedPort(label: "api", port: 5570), LeasedPort(label: "ui", port: 5571)],
        )
        #expect(
            texts(project) == [
                "a/ecosystem.config.cjs:2: note: 5571–5572 is a gap between 5570 and 5573 [gap]",
                "a/ecosystem.config.cjs:2: error: ui is 5573 here, but 5571 is leased for it [differs-from-lease]",
                "a/ecosystem.config.cjs:3: warning: a-api has api at 5575 here, but at 5570 elsewhere [declared-twice]",
            ]
        )
    }

    private func process(_ name: String, _ sources: PortSource...) -> DetectedProcess {
        var draft = ProcessDraft(name: name, directory: "")
        for source in sources { draft.add(source) }
        return draft.process
    }

    private func source(
        _ label: String,
        _ port: Port,
        _ file: String,
        _ line: Int,
        rule: String,
    ) -> PortSource {
        let location = SourceLocation(file: file, line: line)
        return PortSource(label: label, port: port, location: location, rule: rule)
    }

    private func texts(of processes: DetectedProcess...) -> [String] {
        let detected = DetectedProject(name: "a", processes: processes)
        return PortCheck([.init(path: ".", detected: detected)], systemEphemeral: nil)
            .findings.map(\.text)
    }

    @Test
    func `two variables of one label are two ports, neither a contradiction nor a gap`() {
        let process = process(
            "a",
            source("api", 24010, "e.cjs", 1, rule: "env PORT"),
            source("api", 24011, "e.cjs", 1, rule: "env API_PORT"),
            source("ui", 24012, "e.cjs", 1, rule: "env UI_PORT"),
        )
        #expect(process.ports.map(\.label) == ["api", "api2", "ui"])
        #expect(texts(of: process).isEmpty)
    }

    @Test
    func `a place in a message has its project in front`() {
        let processes = ["feed", "bot"].enumerated().map { index, name in
            process(name, source("api", 5570, "e.cjs", index + 1, rule: "env PORT"))
        }
        let shop = PortCheck.Project(
            path: "shop",
            detected: DetectedProject(name: "shop", processes: processes),
        )
        #expect(
            texts(shop) == [
                "shop/e.cjs:2: error: port 5570 is also what feed listens on, at shop/e.cjs:1 [duplicate-process]"
            ]
        )
    }

    @Test
    func `the same port in two files is noted`() {
        let found = texts(
            of: process(
                "a",
                source("api", 5570, "ecosystem.config.cjs", 4, rule: "env PORT"),
                source("api", 5570, ".env", 1, rule: ".env PORT"),
            )
        )
        #expect(
            found == [
                ".env:1: note: a has api at 5570 here and in ecosystem.config.cjs:4 [declared-twice]"
            ]
        )
    }

    @Test
    func `two processes can't listen on one port, but producer and consumer may name one`() {
        let producer = process(
            "feed",
            source("api", 5570, "e.cjs", 3, rule: "env PORT"),
            source("ipc", 5575, "e.cjs", 4, rule: "env IPC_PORT"),
        )
        let consumer = process(
            "bot",
            source("api", 5571, "e.cjs", 8, rule: "env PORT"),
            source("ipc", 5575, "e.cjs", 9, rule: "env IPC_PORT"),
        )
        #expect(texts(of: producer, consumer).allSatisfy { $0.contains("[gap]") })
        let second = process(
            "web",
            source("ui", 5570, "web/vite.config.ts", 5, rule: "vite server.port"),
        )
        #expect(
            texts(of: producer, second).contains(
                "web/vite.config.ts:5: error: port 5570 is also what feed listens on, at e.cjs:3 [duplicate-process]"
            )
        )
        let scripts = ["dev", "dev:host"].map { name in
            process(
                name,
                source("ui", 5590, "package.json", 4, rule: "package.json scripts.\(name) --port"),
            )
        }
        #expect(texts(of: scripts[0], scripts[1]) == [])
    }

    @Test
    func `what other apps of this machine claim is found`() {
        let project = project("a", [("api", 5570, 1)])
        let claim = PortClaim(app: "b", label: "ui", port: 5570, origin: .leased)
        let check = PortCheck([project], systemEphemeral: nil, elsewhere: [claim])
        #expect(
            check.findings.map(\.text) == [
                "a/ecosystem.config.cjs:1: error: port 5570 is leased as ui of b on this machine [duplicate]"
            ]
        )
    }
}
