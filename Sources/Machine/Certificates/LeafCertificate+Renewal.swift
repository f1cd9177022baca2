import HostSystem

extension LeafCertificate {
    /// A month before the end, and of a short life the last third.
    private var renewalTime: Timestamp {
        let life = notAfter.seconds - notBefore.seconds
        let month = Timestamp(seconds: 0).advanced(byDays: 30).seconds
        return Timestamp(seconds: notAfter.seconds - min(month, life / 3))
    }

    /// Whether the certificate is near its end, isn't valid yet, or lacks one of the names.
    func isDueForRenewal(names: some Sequence<String>, at now: Timestamp) -> Bool {
        now < notBefore || renewalTime < now || !Set(names).isSubset(of: hostNames)
    }
}
