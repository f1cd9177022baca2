import Testing

@testable import PortlessCore

struct LeaseFormatTests {
    private func lease() throws -> PortLease {
        try #require(
            PortLease(
                app: AppName(parsing: "shop"),
                ports: [
                    LeasedPort(label: "api", port: 5570, description: "REST API"),
                    LeasedPort(label: "api-local", port: 5571),
                    LeasedPort(label: "devUi", port: 5572, description: "two\nlines"),
                ],
            )
        )
    }

    @Test
    func `a table lines up its columns`() throws {
        let expected = """
            LABEL      PORT  DESCRIPTION
            api        5570  REST API
            api-local  5571
            devUi      5572  two\\nlines
            """
        #expect(LeaseFormat.table.text(of: try lease()) == expected)
    }

    @Test
    func `JSON has the block's ends`() throws {
        let expected =
            #"{"app":"shop","first":5570,"last":5572,"ports":[{"label":"api","port":5570,"description":"REST API"},{"label":"api-local","port":5571},{"label":"devUi","port":5572,"description":"two\nlines"}]}"#
        #expect(try lease().json.compact == expected)
    }

    @Test
    func `dotenv gives PORT and a variable for every label`() throws {
        let expected = """
            PORT=5570
            API_PORT=5570 # REST API
            API_LOCAL_PORT=5571
            DEV_UI_PORT=5572 # two lines
            """
        #expect(LeaseFormat.dotenv.text(of: try lease()) == expected)
    }

    @Test
    func `the PORTS object has a constant for every label`() throws {
        let text = LeaseFormat.ecosystem.text(of: try lease())
        let expected = """
            // The ports of shop: 5570–5572, leased with `portless ports lease`.
            const PORTS = {
              API: 5570, // REST API
              API_LOCAL: 5571,
              DEV_UI: 5572, // two lines
            };
            """
        #expect(text == expected)
    }

    @Test
    func `a run gets a variable for each label, and PORT for the primary one`() throws {
        let ports = AppPorts(try lease())
        #expect(ports.primary?.port == 5570)
        #expect(
            ports.environment == [
                "API_PORT": "5570", "API_LOCAL_PORT": "5571", "DEV_UI_PORT": "5572",
            ]
        )
    }
}
