import PortlessCore
import Testing

@testable import portless

@Suite struct ServerSettingsTests {
    @Test func `the ports are the original's unless they are chosen`() throws {
        let usual = try ServerSettings(environment: [:])
        #expect(usual.port == 5555 && usual.mirrorPort == 5553 && !usual.isPortChosen)
        let chosen = try ServerSettings(
            environment: ["PORTLESS_API_PORT": "7000", "PORTOS_HTTP_PORT": "7001"]
        )
        #expect(chosen.port == 7000 && chosen.mirrorPort == 7001 && chosen.isPortChosen)
        let own = try ServerSettings(
            environment: ["PORTLESS_API_LOCAL_PORT": "7002", "PORTOS_HTTP_PORT": "7001"]
        )
        #expect(own.mirrorPort == 7002)
        #expect(try ServerSettings(environment: ["PORTLESS_API_PORT": ""]) == usual)
    }

    @Test(arguments: [
        ["PORTLESS_API_PORT": "x"], ["PORTLESS_API_LOCAL_PORT": "0"],
        ["PORTOS_HTTP_PORT": "70000"], ["PORTLESS_API_PORT": "5553"],
    ])
    func `what can't be is named`(environment: [String: String]) {
        let name = environment.keys.first ?? ""
        #expect {
            try ServerSettings(environment: environment)
        } throws: { error in
            "\(error)".contains(name)
        }
    }
}
