/// Who signed the demo's certificate, as the command that started it knows.
struct DemoAuthority: Equatable, Sendable {
    private static let nameVariable = "PORTLESS_DEMO_CA"
    private static let fingerprintVariable = "PORTLESS_DEMO_CA_SHA256"

    var name: String
    var fingerprint: String

    init(name: String, fingerprint: String) {
        self.name = name
        self.fingerprint = fingerprint
    }

    init?(environment: [String: String]) {
        guard let name = environment[Self.nameVariable],
            let fingerprint = environment[Self.fingerprintVariable]
        else { return nil }
        self.init(name: name, fingerprint: fingerprint)
    }

    var environment: [String: String] {
        [Self.nameVariable: name, Self.fingerprintVariable: fingerprint]
    }
}
