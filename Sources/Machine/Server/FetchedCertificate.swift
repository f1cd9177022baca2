/// A pair that Tailscale has written, as the files have it.
struct FetchedCertificate {
    let certificate: [UInt8]
    let key: [UInt8]
    let pair: LeafCertificate
}
