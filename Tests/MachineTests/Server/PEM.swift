import SwiftASN1

enum PEM {
    static func text(_ kind: String, _ der: [UInt8]) -> String {
        PEMDocument(type: kind, derBytes: der).pemString + "\n"
    }
}
