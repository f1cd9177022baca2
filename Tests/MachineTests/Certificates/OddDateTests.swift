import HostSystem
import PortlessCore
import SwiftASN1
import SystemPackage
import TestSupport
import Testing

@testable import Machine

/// Certificates with every date that X.509 can write, and some that it can't.
@Suite(.timeLimit(.minutes(1))) struct OddDateTests {
    private static let moments: [Int64] = [
        .min, -62_167_219_200, -62_135_596_800, -11_676_096_000, -9_223_372_037, -1, 0,
        2_524_607_999, 2_524_608_000, 9_223_372_036, 9_223_372_037, 13_569_465_600,
        253_402_300_799, .max,
    ]

    @Test(arguments: moments)
    func `a CA of any time is read, judged and signed with`(seconds: Int64) throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let store = AuthorityStore(directory: directory)
            let then = Timestamp(seconds: seconds)
            _ = try store.prepare(topLevelDomains: [], at: then)
            let authority = try #require(try store.existing())
            #expect(authority.notBefore <= authority.notAfter)
            #expect(authority.notAfter.text.count == 24)
            let issuer = LeafIssuer(authority: authority)
            for now in [then, .now] + Self.moments.map(Timestamp.init(seconds:)) {
                let leaf = try issuer.leaf(for: try name("a.localhost"), at: now)
                _ = leaf.isDueForRenewal(names: [], at: now)
                _ = try LeafCache(
                    issuer: issuer,
                    topLevelDomains: [],
                    isServed: { _ in true },
                ).leaf(for: nil, at: now)
            }
            let again = try store.prepare(topLevelDomains: [])
            #expect(again.authority.notAfter > .now)
        }
    }

    // A 61st second is left out: swift-certificates takes it, but asserts against it in debug builds.
    @Test(arguments: [
        "00000101000000Z", "00010101000000Z", "15821015000000Z", "16000229235959Z",
        "99991231235959Z", "99999999999999Z", "20260230000000Z", "20261301000000Z",
        "20260100000000Z", "20260101240000Z", "20260101006000Z", "20260101000060Z",
        "20260101000000+", "-0010101000000Z", "2026010100000.Z",
        "              Z", "20260101000.9 Z",
    ])
    func `a certificate with an odd date is read or refused`(date: String) throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            let store = AuthorityStore(directory: directory)
            // From 2050 on dates have four digits for the year.
            let authority = try store.prepare(
                topLevelDomains: [],
                at: Timestamp(seconds: 3_000_000_000),
            ).authority
            let ends = authority.notAfter.text.filter(\.isNumber).prefix(14) + "Z"
            let place = try #require(authority.der.firstRange(of: Array(ends.utf8)))
            var der = authority.der
            der.replaceSubrange(place, with: Array(date.utf8))
            let pem = PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n"
            try AtomicFile.write(pem.utf8, to: directory[.caCertificate])

            let read = try? store.existing()
            if let read {
                #expect(read.notAfter.day.count == 10)
                _ = try LeafIssuer(authority: read).leaf(for: try name("a.localhost"), at: .now)
            }
            let pair = try? CustomCertificate.load(
                certificate: directory[.caCertificate],
                key: directory[.caKey],
            )
            _ = pair?.isDueForRenewal(names: [], at: .now)
            let prepared = try store.prepare(topLevelDomains: [])
            #expect(prepared.authority.notAfter > .now)
        }
    }

    @Test func `a moment outside of what certificates can have is the nearest`() {
        #expect(Timestamp(seconds: .max).text == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(seconds: .min).day == "0000-01-01")
        #expect(Timestamp.now.advanced(byDays: .max).day == "9999-12-31")
        #expect(Timestamp.now.advanced(byDays: .min).day == "0000-01-01")
    }

    @Test func `the renewal's schedule goes on at both ends of time`() {
        for moment in Self.moments.map(Timestamp.init(seconds:)) {
            var schedule = RenewalSchedule()
            for _ in 0..<100 { schedule.looked(hasFailed: true, at: moment) }
            schedule.looked(hasFailed: false, at: moment)
            #expect(schedule.isDue(at: .now) || moment.day == Timestamp.now.day)
        }
    }
}
