import Foundation
import HostSystem
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

@Suite struct QRCodeTests {
    /// The example of many tutorials, which annex I of the standard has in a like form.
    @Test func `error correction is that of the standard`() {
        let data: [UInt8] = [
            32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17,
        ]
        #expect(
            ReedSolomonCode(degree: 10).remainder(of: data) == [
                196, 35, 39, 119, 235, 215, 231, 226, 93, 23,
            ]
        )
    }

    @Test func `versions hold what table 7 of the standard says`() {
        #expect(
            QRVersion.all.map { $0.capacity(.low) } == [
                17, 32, 53, 78, 106, 134, 154, 192, 230, 271,
                321, 367, 425, 458, 520, 586, 644, 718, 792, 858,
            ]
        )
        #expect(
            QRVersion.all.map { $0.capacity(.medium) } == [
                14, 26, 42, 62, 84, 106, 122, 152, 180, 213,
                251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
            ]
        )
    }

    @Test func `alignment patterns stand where annex E has them`() {
        #expect(QRVersion.all[0].alignmentCentres == [])
        #expect(QRVersion.all[1].alignmentCentres == [6, 18])
        #expect(QRVersion.all[6].alignmentCentres == [6, 22, 38])
        #expect(QRVersion.all[14].alignmentCentres == [6, 26, 48, 70])
        #expect(QRVersion.all[15].alignmentCentres == [6, 26, 50, 74])
        #expect(QRVersion.all[19].alignmentCentres == [6, 34, 62, 90])
    }

    @Test func `a short text is a small code with the better correction`() throws {
        let code = try QRCode("https://a.local")
        #expect(code.size == 21)
        #expect(code.correction == .low)
        #expect(try QRCode("http://a.local").correction == .medium)
    }

    @Test func `format and version stand where readers look for them`() throws {
        // 154 bytes fill version 7 with low correction.
        let code = try QRCode(String(repeating: "a", count: 154))
        #expect(code.version.number == 7)
        let version = (0..<18).reversed().map {
            code.isDark(row: code.size - 11 + $0 % 3, column: $0 / 3) ? "1" : "0"
        }
        #expect(version.joined() == "000111110010010100")
        let rows = [0, 1, 2, 3, 4, 5, 7, 8]
        let format =
            [0, 1, 2, 3, 4, 5, 7].map { code.isDark(row: 8, column: $0) }
            + rows.reversed().map { code.isDark(row: $0, column: 8) }
        let masks = [
            "111011111000100", "111001011110011", "111110110101010", "111100010011101",
            "110011000101111", "110001100011000", "110110001000001", "110100101110110",
        ]
        #expect(format.map { $0 ? "1" : "0" }.joined() == masks[code.mask])
    }

    @Test func `a text that no version holds is refused`() {
        #expect(throws: QRCode.TextTooLong(bytes: 859, limit: 858)) {
            try QRCode(String(repeating: "a", count: 859))
        }
    }

    @Test func `lines have a quiet zone, and are the other way round for light ink`() throws {
        let code = try QRCode("https://a.local")
        let dark = code.lines(isDarkInk: true)
        #expect(dark.count == 15)
        #expect(dark.allSatisfy { $0.count == 29 })
        #expect(dark[0] == String(repeating: " ", count: 29))
        #expect(dark[2].hasPrefix("    █▀▀▀▀▀█ "))
        let light = code.lines(isDarkInk: false)
        #expect(light[0] == String(repeating: "█", count: 29))
        #expect(light[2].hasPrefix("████ ▄▄▄▄▄ █"))
    }

    /// All versions, both corrections, and bytes beyond ASCII.
    @Test(.enabled(if: ZBar.isInstalled), arguments: QRVersion.all.map(\.number))
    func `readers read what was written`(version: Int) throws {
        let most = QRVersion.all[version - 1].capacity(.low)
        let fewest = version == 1 ? 3 : QRVersion.all[version - 2].capacity(.low) + 1
        for count in [fewest, most] {
            let text =
                (0..<(count - 2)).map { "\(UnicodeScalar(UInt8(33 + $0 * 7 % 90)))" }.joined() + "ä"
            let code = try QRCode(text)
            #expect(code.version.number == version)
            #expect(try ZBar.read(code) == text)
        }
    }

    /// What a camera sees of a terminal: each half block as two modules.
    @Test(.enabled(if: ZBar.isInstalled))
    func `what a terminal shows can be read`() throws {
        let code = try QRCode("https://myapp.local:1355/")
        let rows = code.lines(isDarkInk: true).flatMap { line in
            [line.map { "█▀".contains($0) }, line.map { "█▄".contains($0) }]
        }
        #expect(try ZBar.read(rows) == "https://myapp.local:1355/")
    }
}

/// The reader that decodes the pictures: Debian's package zbar-tools.
enum ZBar {
    static let program = ProgramSearch.find(
        "zbarimg",
        path: ProcessInfo.processInfo.environment["PATH"] ?? "",
    )
    static var isInstalled: Bool { program != nil }

    static func read(_ code: QRCode) throws -> String {
        let range = -4..<(code.size + 4)
        return try read(range.map { row in range.map { code.isDark(row: row, column: $0) } })
    }

    /// As a picture of 4 × 4 pixels a module.
    static func read(_ rows: [[Bool]]) throws -> String {
        try TemporaryDirectory.with { directory in
            let width = (rows.first?.count ?? 0) * 4
            let pixels = rows.flatMap { row in
                let line = row.flatMap { [UInt8](repeating: $0 ? 0 : 255, count: 4) }
                return line + line + line + line
            }
            let picture = directory.appending("code.pgm")
            try Data(Array("P5 \(width) \(rows.count * 4) 255\n".utf8) + pixels)
                .write(to: URL(fileURLWithPath: picture.string))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(program).string)
            process.arguments = ["--quiet", "--raw", "-Sbinary", picture.string]
            let output = Foundation.Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
