import SystemPackage
import Testing

@testable import PortlessCore

@Suite struct ProxyRequestLayersTests {
    private func layer(
        _ file: FilePath?,
        _ change: (inout ProxyRequest) throws -> Void,
    ) rethrows -> ProxyRequestLayers.Layer {
        var request = ProxyRequest()
        try change(&request)
        return ProxyRequestLayers.Layer(request, file: file) { setting in
            file.map { .project($0, line: setting == .tld ? 2 : 1) }
                ?? .environment(variable: setting.variable ?? "")
        }
    }

    @Test func `the first layer that asks decides, and is named`() throws {
        let layers = ProxyRequestLayers([
            try layer(nil) { $0.tlds = [try TLD(parsing: "one")] },
            try layer("/p/portless.json") {
                $0.tlds = [try TLD(parsing: "two")]
                $0.usesTLS = false
            },
            layer("/u/config.json") {
                $0.usesTLS = true
                $0.port = 8443
            },
        ])
        #expect(layers.request.tlds?.map(\.description) == ["one"])
        #expect(layers.request.usesTLS == false && layers.request.port == 8443)
        #expect(layers.files.tlds?.map(\.description) == ["two"])
        #expect(layers.origin(of: .tld) == .environment(variable: "PORTLESS_TLD"))
        #expect(layers.origin(of: .https) == .project("/p/portless.json", line: 1))
        #expect(layers.origin(of: .port) == .project("/u/config.json", line: 1))
        #expect(layers.origin(of: .wildcard) == .usual)
    }

    @Test func `a stronger wish for no administrator lets a weaker port go`() {
        func port(_ layers: [ProxyRequestLayers.Layer]) -> Port {
            ProxySettings(ProxyRequestLayers(layers).request).port
        }
        let unprivileged = layer("/p/portless.json") { $0.isUnprivileged = true }
        #expect(port([unprivileged]) == 1355)
        #expect(port([unprivileged, layer("/u") { $0.port = 443 }]) == 1355)
        #expect(port([unprivileged, layer("/u") { $0.port = 8443 }]) == 8443)
        #expect(port([layer(nil) { $0.port = 443 }, unprivileged]) == 443)
        var leftover = ProxyMarkers()
        leftover.port = 443
        let continued = ProxyRequestLayers([unprivileged]).request.continuing(leftover)
        #expect(ProxySettings(continued).port == 1355)
    }

    @Test func `the file that asks for something else than runs is named`() throws {
        let running = ProxyDescription(
            stateDirectory: StateDirectory(path: "/s"),
            isRunning: true,
            port: 443,
            usesTLS: true,
            tlds: [.localhost],
        )
        let layers = ProxyRequestLayers([
            layer(nil) { $0.usesTLS = false },
            try layer("/p/portless.json") { $0.tlds = [try TLD(parsing: "test")] },
        ])
        let differences = running.differences(from: layers.request)
        #expect(differences.count == 2)
        #expect(
            differences.map { layers.file(askingFor: $0, of: running) }
                == [nil, "/p/portless.json"]
        )
    }
}
