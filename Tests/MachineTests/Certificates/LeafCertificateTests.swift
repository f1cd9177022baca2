import HostSystem
import Testing

@testable import Machine

@Suite struct LeafCertificateRenewalTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private func isDue(life: Int, after days: Int, names: [String] = []) -> Bool {
        LeafCertificate(
            chain: [],
            privateKey: [],
            notBefore: Self.start,
            notAfter: Self.start.advanced(byDays: life),
        ).isDueForRenewal(names: names, at: Self.start.advanced(byDays: days))
    }

    @Test(
        arguments: [
            // Our own, Tailscale's, and those of six days that Let's Encrypt gives out, too.
            (life: 397, last: 367), (life: 90, last: 60), (life: 45, last: 30), (life: 6, last: 4),
        ]
    )
    func `it is due a month before the end, or in the last third of a short life`(
        life: Int,
        last: Int,
    ) {
        #expect(!isDue(life: life, after: 0))
        #expect(!isDue(life: life, after: last))
        #expect(isDue(life: life, after: last + 1))
        #expect(isDue(life: life, after: life + 1))
    }

    @Test func `it is due where it isn't valid yet`() {
        #expect(isDue(life: 90, after: -1))
    }

    @Test func `it is due where it lacks a name`() {
        #expect(isDue(life: 90, after: 1, names: ["box.tail1234.ts.net"]))
    }
}
