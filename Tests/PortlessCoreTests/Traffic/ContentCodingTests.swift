import TestSupport
import Testing

@testable import PortlessCore

@Suite struct ContentCodingTests {
    /// Made by Python's zlib and gzip of ``text``.
    private static let text = String(repeating: "abcabcabd-", count: 30)
    private static let samples: [(coding: ContentCoding, packed: String)] = [
        (.gzip, "H4sIAAAAAAACA0tMSk4EoRTdxFEWARYAOjkZDywBAAA="),
        (.gzip, "H4sICAAAAAAC/2EudHh0AEtMSk4EoRTdxFEWARYAOjkZDywBAAA="),
        (
            .gzip,
            """
            H4sIAAAAAAACA0tMSk4EoRTdRJqxAMJMOn9kAAAAH4sIAAAAAAACA0tMSk4EoRTdxCHNAg\
            CpyoUJyAAAAA==
            """,
        ),
        (
            .gzip,
            """
            H4sIAAAAAAAEAwEsAdP+YWJjYWJjYWJkLWFiY2FiY2FiZC1hYmNhYmNhYmQtYWJjYWJjYW\
            JkLWFiY2FiY2FiZC1hYmNhYmNhYmQtYWJjYWJjYWJkLWFiY2FiY2FiZC1hYmNhYmNhYmQt\
            YWJjYWJjYWJkLWFiY2FiY2FiZC1hYmNhYmNhYmQtYWJjYWJjYWJkLWFiY2FiY2FiZC1hYm\
            NhYmNhYmQtYWJjYWJjYWJkLWFiY2FiY2FiZC1hYmNhYmNhYmQtYWJjYWJjYWJkLWFiY2Fi\
            Y2FiZC1hYmNhYmNhYmQtYWJjYWJjYWJkLWFiY2FiY2FiZC1hYmNhYmNhYmQtYWJjYWJjYW\
            JkLWFiY2FiY2FiZC1hYmNhYmNhYmQtYWJjYWJjYWJkLWFiY2FiY2FiZC1hYmNhYmNhYmQt\
            OjkZDywBAAA=
            """,
        ),
        (.deflate, "eJxLTEpOBKEU3cRRFgEWAA6ibME="),
        (.deflate, "S0xKTgShFN3EURYBFgA="),
        (.deflate, "S0xKTgShFN3EURYBFgA="),
        (
            .deflate,
            """
            BcEBAQAACIOwRIYC3j+DG4bhDsNwh2G4wzDcYRjuMAx3GIY7DMMdhuEOw3CHYbjDMNxhGO\
            4wDHcYhjsMwx2G4Q7DcIdhuMMw3GEY7jAMdxiGOwzDHYbhDsNwh2G4wzDcYRjuMAx3Dw==
            """,
        ),
    ]

    /// 400,000 zeros in gzip.
    private static let bomb = """
        H4sIAAAAAAACA+3BMQEAAADCoPVPbQo/oAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAOBvcT1ZXoAa\
        BgA=
        """

    private func unpack(
        _ coding: ContentCoding,
        _ packed: [UInt8],
        limit: Int = 1 << 20,
    ) -> (text: String, isWhole: Bool)? {
        coding.unpack(packed, limit: limit).map { result in
            (String(decoding: result.bytes, as: UTF8.self), result.isWhole)
        }
    }

    @Test(arguments: samples.indices) func `each form of a body is unpacked`(_ index: Int) throws {
        let sample = Self.samples[index]
        let packed = try #require(Base64.decode(sample.packed))
        let result = try #require(unpack(sample.coding, packed))
        #expect(result.text == Self.text)
        #expect(result.isWhole)
        let start = try #require(unpack(sample.coding, packed, limit: 25))
        #expect(start.text == Self.text.prefix(25))
        #expect(!start.isWhole)
    }

    @Test(arguments: samples.indices) func `of a body that was cut the beginning is unpacked`(
        _ index: Int
    ) throws {
        let sample = Self.samples[index]
        let packed = try #require(Base64.decode(sample.packed))
        for count in packed.indices {
            guard let result = unpack(sample.coding, Array(packed[..<count])) else { continue }
            #expect(Self.text.hasPrefix(result.text))
            // One of the bodies has a part of a hundred bytes that can stand alone.
            #expect(!result.isWhole || [100, Self.text.count].contains(result.text.count))
        }
    }

    @Test func `only gzip and deflate are unpacked`() {
        #expect(ContentCoding(field: " GZIP ") == .gzip)
        #expect(ContentCoding(field: "x-gzip") == .gzip)
        #expect(ContentCoding(field: "deflate") == .deflate)
        for other in ["", "br", "zstd", "identity", "gzip, gzip", "gzip;q=1"] {
            #expect(ContentCoding(field: other) == nil)
        }
        #expect(unpack(.gzip, Array("plain text, whatever it says".utf8)) == nil)
        #expect(unpack(.gzip, []) == nil)
    }

    @Test func `a bomb grows to the limit and no further`() throws {
        let bomb = try #require(
            Base64.decode(Self.bomb)
        )
        let result = try #require(ContentCoding.gzip.unpack(bomb, limit: 300_000))
        #expect(result.bytes == Array(repeating: 0, count: 300_000))
        #expect(!result.isWhole)
    }

    @Test func `damaged bodies do no harm`() throws {
        let packed = Self.samples.compactMap { Base64.decode($0.packed) }
        for var round in Fuzzing.rounds(default: 3000) {
            var bytes = packed[round.random.below(packed.count)]
            for _ in 0...round.random.below(4) {
                bytes[round.random.below(bytes.count)] = UInt8(round.random.below(256))
            }
            for coding in [ContentCoding.gzip, .deflate] {
                let result = coding.unpack(bytes, limit: 4096)
                #expect(result?.bytes.count ?? 0 <= 4096)
            }
        }
    }
}
