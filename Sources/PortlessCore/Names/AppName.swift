/// The name of an app: one label or several, without a TLD.
package struct AppName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Accepts a whole URL, too, and shortens labels that are too long for DNS.
    package init(parsing text: some StringProtocol) throws(NameError) {
        var name = text.trimmingBlanks.lowercased()[...]
        for scheme in ["http://", "https://"] where name.hasPrefix(scheme) {
            name = name.dropFirst(scheme.count)
        }
        let base = DNSLabel.truncatingEach(name.prefix { $0 != "/" })
        _ = try Hostname(checking: base)
        description = base
    }

    /// The name in a git worktree: `branch.name`.
    package func prefixed(by prefix: String?) throws(NameError) -> AppName {
        guard let prefix else { return self }
        return try AppName(parsing: "\(prefix).\(description)")
    }

    /// What this name has in front of `base`: `branch` of `branch.name`; nil if it is another one.
    package func prefix(of base: AppName) -> String? {
        let suffix = ".\(base)"
        guard description.hasSuffix(suffix) else { return nil }
        return String(description.dropLast(suffix.count))
    }

    /// The host names under the TLDs, in their order; the first one is the primary name.
    ///
    /// A name that is too long for one TLD is left out if another one is possible.
    package func hostnames(under tlds: [TLD]) throws(NameError) -> [Hostname] {
        let base = base(among: tlds)
        var hostnames: [Hostname] = []
        var firstError: NameError?
        for tld in tlds {
            do {
                let hostname = try Self.hostname(base, under: tld)
                if !hostnames.contains(hostname) { hostnames.append(hostname) }
            } catch {
                firstError = firstError ?? error
            }
        }
        if hostnames.isEmpty, let firstError { throw firstError }
        return hostnames
    }

    /// The TLDs under which the name would be too long for DNS, and so isn't served.
    package func tooLong(under tlds: [TLD]) -> [TLD] {
        let base = base(among: tlds)
        return tlds.filter { tld in
            do throws(NameError) {
                _ = try Self.hostname(base, under: tld)
                return false
            } catch {
                if case .nameTooLong = error { return true }
                return false
            }
        }
    }

    /// The name without the TLD that it was written with.
    private func base(among tlds: [TLD]) -> Substring {
        guard tlds.count > 1 else { return description[...] }
        let suffixes = tlds.map { ".\($0)" }.filter { description.hasSuffix($0) }
        let longest = suffixes.max { $0.count < $1.count }
        return description.dropLast(longest?.count ?? 0)
    }

    private static func hostname(
        _ base: Substring,
        under tld: TLD,
    ) throws(NameError) -> Hostname {
        var name = base
        if tld != .localhost, name.hasSuffix(".localhost") { name = name.dropLast(10) }
        let suffix = ".\(tld)"
        return try Hostname(checking: name.hasSuffix(suffix) ? String(name) : name + suffix)
    }

    package static func < (lhs: AppName, rhs: AppName) -> Bool {
        lhs.description < rhs.description
    }
}
