/// A store that could not be changed: which one, why, and what to do by hand.
package struct TrustError: Error, Hashable, Sendable, CustomStringConvertible {
    package let store: String
    package let reason: String
    /// Shell lines that do the same.
    package let byHand: [Command]

    package var description: String {
        let lines = byHand.map(\.description).joined(separator: " && ")
        return "\(store): \(reason). To do it by hand, run: \(lines)"
    }
}
