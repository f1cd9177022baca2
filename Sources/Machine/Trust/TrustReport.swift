/// How one store stands, after it was asked or changed.
package struct TrustReport: Hashable, Sendable {
    package let store: String
    package let status: TrustStatus
    package let failure: TrustError?
    /// The system's own store, which most programs read; the others are browsers'.
    package let isSystemStore: Bool
}
