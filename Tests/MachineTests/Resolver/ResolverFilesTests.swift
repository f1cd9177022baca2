import PortlessCore
import SystemPackage
import Testing

@testable import Machine

@Suite struct ResolverFilesTests {
    private func files(
        _ resolver: ResolverFiles.Resolver,
        _ tlds: String,
    ) throws -> [String: String] {
        let files = ResolverFiles(resolver, tlds: try TLD.list(parsing: tlds), port: 5562).files
        return Dictionary(uniqueKeysWithValues: files.map { ($0.path.string, $0.text) })
    }

    private let mark = "# Written by `portless dns install`; `portless dns uninstall` removes it.\n"

    @Test func `systemd-resolved routes our names only`() throws {
        #expect(
            try files(.systemdResolved, "test,dev.example.com") == [
                "/etc/systemd/resolved.conf.d/portless.conf":
                    "\(mark)[Resolve]\nDNS=127.0.0.1:5562\nDomains=~test ~dev.example.com\n"
            ]
        )
    }

    @Test func `dnsmasq has a line for each top-level name`() throws {
        let text = "\(mark)server=/test/127.0.0.1#5562\nserver=/localhost/127.0.0.1#5562\n"
        #expect(
            try files(.dnsmasq, "test,localhost") == ["/etc/dnsmasq.d/portless.conf": text]
        )
        #expect(
            try files(.networkManager, "test,localhost") == [
                "/etc/NetworkManager/dnsmasq.d/portless.conf": text
            ]
        )
    }

    @Test func `macOS has a file for each top-level name`() throws {
        #expect(
            try files(.macOS, "test,dev.example.com") == [
                "/etc/resolver/test": "\(mark)nameserver 127.0.0.1\nport 5562\n",
                "/etc/resolver/dev.example.com": "\(mark)nameserver 127.0.0.1\nport 5562\n",
            ]
        )
    }

    @Test(arguments: ResolverFiles.Resolver.allCases)
    func `local names stay with multicast DNS`(resolver: ResolverFiles.Resolver) throws {
        #expect(try files(resolver, "local").isEmpty)
        for text in try files(resolver, "local,test").values { #expect(!text.contains("local/")) }
    }
}
