import SwiftASN1
import SystemPackage

/// The blocks of a PEM file, whatever text stands around them.
struct PEMFile {
    let blocks: [PEMDocument]

    /// Throws where a block is begun but its content is not valid Base64.
    init(_ bytes: [UInt8]) throws {
        var blocks: [PEMDocument] = []
        var open: [String] = []
        // RFC 7468 section 5.2 allows explanatory text around blocks, and files come with CRLF.
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        for line in lines.map({ $0.trimmed() }) {
            if line.hasPrefix("-----BEGIN ") { open = [] }
            guard line.hasPrefix("-----BEGIN ") || !open.isEmpty else { continue }
            open.append(line)
            guard line.hasPrefix("-----END ") else { continue }
            blocks.append(try PEMDocument(pemString: open.joined(separator: "\n")))
            open = []
        }
        self.blocks = blocks
    }

    var certificates: [PEMDocument] { blocks.filter { $0.discriminator == "CERTIFICATE" } }

    /// The first key: `EC PARAMETERS` and the like that openssl writes before it don't count.
    var privateKey: PEMDocument? { blocks.first { $0.discriminator.hasSuffix("PRIVATE KEY") } }
}

extension Substring {
    fileprivate func trimmed() -> String {
        let front = drop { $0.isWhitespace }
        let end = front.lastIndex { !$0.isWhitespace }
        return end.map { String(front[...$0]) } ?? ""
    }
}
