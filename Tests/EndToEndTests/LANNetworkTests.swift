import Foundation
import Testing

extension EndToEnd {
    /// A real Avahi on each of two computers.
    @Suite(.enabled(if: TwoComputers.isPossible, "needs root and avahi-daemon"))
    struct LANNetworkTests {}
}

extension EndToEnd.LANNetworkTests {
    @Test func `another computer finds an app, reaches it and sees it go`() async throws {
        try await TwoComputers.with { sandbox, network in
            let (here, there) = (network.here, network.there)
            let start = try await here.portless("proxy", "start", "--lan")
            #expect(start.status == 0, "\(start.talk)")
            #expect(start.talk.contains("every computer of the local network at 10.77.0.1"))
            #expect(sandbox.stateFile("proxy.lan") == "10.77.0.1")
            let app = try here.start([Binary.path, "shop", "node", Apps.path("node-http.js")])
            try await eventually("shop.local is found; \(app.talk)") {
                try await there.address(of: "shop.local") == "10.77.0.1" ? () : nil
            }
            func ask(_ name: String, at address: String) async throws -> Program.Result {
                try await there.run(
                    "curl",
                    "-sS",
                    "--max-time",
                    "10",
                    "--cacert",
                    sandbox.authority,
                    "--resolve",
                    "\(name):\(sandbox.port):\(address)",
                    "-w",
                    "\n%{http_code}",
                    "https://\(name):\(sandbox.port)/",
                )
            }
            let answer = try await eventually("the app answers") {
                let answer = try await ask("shop.local", at: "10.77.0.1")
                return answer.output.hasSuffix("\n200") ? answer : nil
            }
            #expect(answer.output.contains(#""x-forwarded-for":"10.77.0.2""#))
            // The names of that machine alone stay its own.
            let other = try await ask("shop.localhost", at: "10.77.0.1")
            #expect(other.output.hasSuffix("\n404"), "\(other.output) \(other.talk)")

            // A changed address is followed, and a lost one is told.
            try await here.move(from: "10.77.0.1", to: "10.77.0.3")
            try await eventually("shop.local is found at its new address") {
                try await there.address(of: "shop.local") == "10.77.0.3" ? () : nil
            }
            #expect(try await ask("shop.local", at: "10.77.0.3").output.hasSuffix("\n200"))
            #expect(sandbox.stateFile("proxy.lan") == "10.77.0.3")
            try await here.move(from: "10.77.0.3", to: nil)
            try await eventually("no marker") { sandbox.stateFile("proxy.lan").isEmpty ? () : nil }
            #expect(try await here.portless("list").output.contains("in no local network now"))
            try await here.move(from: nil, to: "10.77.0.1")
            try await eventually("shop.local is found again") {
                try await there.address(of: "shop.local") == "10.77.0.1" ? () : nil
            }

            app.send(SIGTERM)
            _ = try await app.finished()
            try await eventually("shop.local is gone", within: .seconds(60)) {
                try await there.address(of: "shop.local") == nil ? () : nil
            }
            #expect(try await here.portless("proxy", "stop").status == 0)
        }
    }

    @Test func `a name that another computer has is told, and a phone gets the authority`()
        async throws
    {
        try await TwoComputers.with { sandbox, network in
            let (here, there) = (network.here, network.there)
            let holder = try there.start(["avahi-publish-address", "-R", "shop.local", "10.77.0.2"])
            try await holder.waitForTalk("Established")
            let start = try await here.portless("proxy", "start", "--lan")
            #expect(start.status == 0, "\(start.talk)")
            _ = try here.start([Binary.path, "shop", "node", Apps.path("node-http.js")])
            try await eventually("the collision is told") {
                let list = try await here.portless("list").output
                return list.contains("not published: Another computer has the name.") ? () : nil
            }

            let trust = try here.start([Binary.path, "trust", "--phone"])
            try await trust.waitForTalk("Ctrl-C ends it")
            let url = try #require(
                trust.output.split(separator: "\n").last { $0.hasPrefix("http://10.77.0.1:") }
            )
            let page = try await there.run("curl", "-sS", "-A", "Android", String(url))
            #expect(page.output.contains("portless-ca.crt"), "\(page.talk)")
            trust.send(SIGTERM)
            #expect(try await trust.finished().status == 0)
            holder.send(SIGTERM)
        }
    }
}
