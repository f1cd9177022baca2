import PortlessCore
import Testing

@testable import Projects

struct SharedPortTests {
    private let folder = CommandFolder.having(
        [
            "both": "concurrently \"npm:api\" 'next dev'",
            "api": "nodemon api.js",
            "dev:api": "node api.js",
            "dev:web": "npm --prefix web start",
            "dev:worker": "node worker.js",
        ],
        beside: ["web": ["start": "node web.js"]],
    )

    @Test(arguments: [
        "npm run both", "run-p dev:*", "npm-run-all --parallel dev:api dev:web",
        "node a.js & node b.js", "(cd web && npm start) & npm run api",
        "uvicorn main:app --port $PORT & gunicorn app:app",
    ])
    func `servers side by side that all take PORT are told`(command: String) throws {
        let sentence = try #require(warning(command))
        #expect(sentence.hasPrefix("dev starts 2 servers that all get PORT 4000"))
    }

    @Test(arguments: [
        "node gen.js && node server.js", "run-s api dev:web", "node a.js & vite",
        "PORT=1 node a.js & node b.js", "next dev -p 3001 & node b.js", "npm run dev:worker & vite",
        "node a.js & node --test", "node a.js & tsc -w", "concurrently 'vite' 'tsc -w' npm:api",
    ])
    func `one server that takes PORT has no rival`(command: String) {
        #expect(warning(command) == nil)
    }

    @Test func `the warning names the servers and what to write`() {
        #expect(
            warning("npm run both") == """
                dev starts 2 servers that all get PORT 4000, where only one can listen: next dev, \
                nodemon api.js. Give each a port of its own in its script (PORT=3001 in front, or \
                a flag), or make each a process of its own under "processes" in portless.json.
                """
        )
    }

    @Test func `no other server gets the port as a flag beside one that takes PORT`() {
        let scripts = ["dev": "node api.js & vite", "two": "vite build --watch & vite"]
        let injection = FlagInjection(port: 4000)
        let dev = injection.applied(to: ["npm", "run", "dev"], in: .having(scripts))
        #expect(dev == ["npm", "run", "dev"])
        let two = injection.applied(to: ["npm", "run", "two"], in: .having(scripts))
        #expect(two.contains("4000"))
    }

    private func warning(_ command: String) -> String? {
        SharedPort.warning(of: "dev", running: ["sh", "-c", command], in: folder, port: 4000)
    }
}
