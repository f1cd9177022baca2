import PortlessCore
import Testing

@testable import portless

@Suite struct AppPortTests {
    @Test func `the environment's port is used unless empty`() throws {
        #expect(try AppPort.fromEnvironment(["PORTLESS_APP_PORT": "4321"]) == 4321)
        #expect(try AppPort.fromEnvironment(["PORTLESS_APP_PORT": ""]) == nil)
        #expect(try AppPort.fromEnvironment([:]) == nil)
    }

    @Test func `a wrong port in the environment is named`() {
        let error = #expect(throws: Failure.self) {
            try AppPort.fromEnvironment(["PORTLESS_APP_PORT": "0"])
        }
        #expect(error?.sentence == "Invalid app port \"0\" in PORTLESS_APP_PORT.")
    }
}
