import Crypto
import HostSystem
package import PortlessCore
import SystemPackage

/// The secret that clients need for changes through the API, in a file that only its user can read.
package struct APIToken: Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The token of a state directory, created if there is none.
    package static func prepare(in directory: StateDirectory) throws -> APIToken {
        try FileLock.withLock(at: directory[.serverTokenLock], owner: directory.owner) {
            if let existing = try read(from: directory) { return existing }
            let token = APIToken(random(bytes: 32))
            try directory.write(token.text + "\n", to: directory[.serverToken], isSecret: true)
            return token
        }
    }

    /// The token of a state directory; nil where no server has made one yet.
    package static func read(from directory: StateDirectory) throws -> APIToken? {
        guard let text = try directory.text(of: .serverToken) else { return nil }
        let token = text.filter { !$0.isWhitespace }
        // A truncated file must not become a secret that is easy to guess.
        guard token.utf8.count >= 32 else { return nil }
        // A copy of the file may have made it readable for others.
        try FileSystem.setPermissions(.ownerReadWrite, of: directory[.serverToken])
        return APIToken(token)
    }

    /// Compares digests, so that the time doesn't tell where the texts differ.
    func matches(_ text: String) -> Bool {
        SHA256.hash(data: Array(text.utf8)) == SHA256.hash(data: Array(self.text.utf8))
    }

    /// A secret of hexadecimal digits.
    package static func random(bytes count: Int) -> String {
        let key = SymmetricKey(size: SymmetricKeySize(bitCount: count * 8))
        return key.withUnsafeBytes { $0.hexadecimal }
    }
}
