/// Whether a store trusts our CA, as it says itself when asked.
package enum TrustStatus: Hashable, Sendable {
    case trusted
    case untrusted
    /// The store can't be asked or changed here; the text says why and what would help.
    case unavailable(String)
}
