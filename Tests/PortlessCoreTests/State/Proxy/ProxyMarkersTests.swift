import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@Suite struct ProxyMarkersTests {
    private func tlds(_ names: String...) throws -> [TLD] {
        try names.map { try TLD(parsing: $0) }
    }

    private func example() throws -> ProxyMarkers {
        var markers = ProxyMarkers()
        markers.pid = 4711
        markers.port = 1355
        markers.usesTLS = true
        markers.tlds = try tlds("localhost", "dev.example.com")
        markers.lanAddress = "192.168.1.2"
        markers.record = ProxyRecord(
            version: "1.0.0",
            process: ProcessIdentity(pid: 4711, startTime: 99, namespace: 7),
        )
        return markers
    }

    @Test func `what is written is read again`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(example())
            #expect(try directory.proxyMarkers() == example())
            try directory.write(ProxyMarkers())
            #expect(try directory.proxyMarkers() == ProxyMarkers())
        }
    }

    @Test func `the formats are the original's`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(example())
            #expect(try directory.text(of: .proxyPID) == "4711")
            #expect(try directory.text(of: .proxyPort) == "1355")
            #expect(try directory.text(of: .proxyTLS) == "1")
            #expect(try directory.text(of: .proxyTLDs) == "localhost\ndev.example.com\n")
            #expect(try directory.text(of: .proxyTLD) == "localhost")
            #expect(try directory.text(of: .proxyLAN) == "192.168.1.2")
        }
    }

    @Test(arguments: [
        (#"["Test","test","a_b"]"#, ["test"]),
        ("test\nlocalhost\n", ["test", "localhost"]),
        ("test, dev.local", ["test", "dev.local"]),
        ("", ["localhost"]),
        ("-", ["localhost"]),
    ])
    func `the list of TLDs is understood in all its spellings`(
        text: String,
        expected: [String],
    ) throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(text, to: directory[.proxyTLDs])
            #expect(try directory.proxyMarkers().tlds.map(\.description) == expected)
        }
    }

    @Test func `lines of the list that are no TLD are remembered`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write("test\na_b\n\n-\n", to: directory[.proxyTLDs])
            #expect(try directory.proxyMarkers().invalidTLDs == ["a_b", "-"])
        }
    }

    @Test func `a proxy's end takes its secret with it`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(example())
            try directory.write("a", to: directory[.hostsSyncToken], isSecret: true)
            try directory.removeProxyMarkers(of: ProcessIdentity(pid: 12, startTime: 1))
            #expect(try directory.text(of: .hostsSyncToken) == "a")
            try directory.removeProxyMarkers(of: ProcessIdentity(pid: 4711, startTime: 99))
            #expect(try directory.text(of: .hostsSyncToken) == nil)
        }
    }

    @Test func `an old single TLD counts where there is no list`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write("test", to: directory[.proxyTLD])
            #expect(try directory.proxyMarkers().tlds == tlds("test"))
        }
    }

    @Test func `a proxy's end doesn't remove its successor's markers`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(example())
            let predecessor = ProcessIdentity(pid: 12, startTime: 1)
            try directory.removeProxyMarkers(of: predecessor)
            let sameNumber = ProcessIdentity(pid: 4711, startTime: 98)
            try directory.removeProxyMarkers(of: sameNumber)
            #expect(try directory.proxyMarkers() == example())
            try directory.removeProxyMarkers(of: ProcessIdentity(pid: 4711, startTime: 99))
            #expect(try directory.proxyMarkers() == ProxyMarkers())
        }
    }

    @Test func `a holder that runs is believed before the plain files`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            var markers = try example()
            markers.record = ProxyRecord(version: "1.0.0", process: .current, port: 8443)
            try directory.write(markers)
            try directory.write("1\n", to: directory[.proxyPID])
            try directory.write("garbage", to: directory[.proxyPort])
            let read = try directory.proxyMarkers()
            #expect(read.process == .current)
            #expect(read.port == 8443)
        }
    }

    @Test func `a proxy that was given up leaves its settings`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write(example())
            let process = ProcessIdentity(pid: 4711, startTime: 99)
            try directory.removeProxyMarkers(of: process, keepingSettings: true)
            let left = try directory.proxyMarkers()
            #expect(left.process == nil)
            #expect(try left.port == example().port)
            #expect(try left.tlds == example().tlds)
        }
    }

    @Test func `a proxy without a record of its own is the original's`() throws {
        var markers = try example()
        #expect(!markers.isOriginalRunning(isAlive: { _ in true }))
        #expect(markers.version == "1.0.0")
        markers.pid = 4712
        #expect(markers.isOriginalRunning(isAlive: { $0.pid == 4712 }))
        #expect(!markers.isOriginalRunning(isAlive: { _ in false }))
        #expect(markers.version == nil)
        markers.pid = nil
        #expect(!markers.isOriginalRunning(isAlive: { _ in true }))
    }

    @Test func `a record is stale where its PID was given to the original`() throws {
        let markers = try example()
        // Of PID 4711 only the process that started at 99 is gone.
        #expect(markers.isOriginalRunning(isAlive: { $0.startTime != 99 }))
    }
}
