import Crypto
import SwiftASN1

/// An EC key as RFC 5915 writes it, the form that the original's files have.
struct SEC1PrivateKey: DERSerializable, PEMSerializable {
    static let defaultPEMDiscriminator = "EC PRIVATE KEY"
    private static let prime256v1: ASN1ObjectIdentifier = [1, 2, 840, 10045, 3, 1, 7]

    let key: P256.Signing.PrivateKey

    func serialize(into coder: inout DER.Serializer) throws {
        try coder.appendConstructedNode(identifier: .sequence) { coder in
            try coder.serialize(1 as Int)
            try coder.serialize(ASN1OctetString(contentBytes: Array(key.rawRepresentation)[...]))
            try coder.serialize(
                Self.prime256v1,
                explicitlyTaggedWithTagNumber: 0,
                tagClass: .contextSpecific,
            )
            try coder.serialize(
                ASN1BitString(bytes: Array(key.publicKey.x963Representation)[...]),
                explicitlyTaggedWithTagNumber: 1,
                tagClass: .contextSpecific,
            )
        }
    }
}
