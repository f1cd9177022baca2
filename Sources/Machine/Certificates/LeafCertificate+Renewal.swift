extension LeafCertificate {
    /// A month before the end, and of a short life the last third.
    private var renewalTime: WallTime {
        let life = notAfter.secondsSince1970 - notBefore.secondsSince1970
        let month = WallTime(secondsSince1970: 0).advanced(byDays: 30).secondsSince1970
        return WallTime(secondsSince1970: notAfter.secondsSince1970 - min(month, life / 3))
    }

    /// Whether the certificate is near its end, isn't valid yet, or lacks one of the names.
    func isDueForRenewal(names: some Sequence<String>, at now: WallTime) -> Bool {
        now < notBefore || renewalTime < now || !Set(names).isSubset(of: hostNames)
    }
}
