/// What one of an app's ports is for: `ui`, `api`, `cdp`.
///
/// The same word is a part of the host name (`api.myapp.localhost`), gives the environment variable
/// (`API_PORT`, by `PortLabels`) and is what the port is shown as.
package struct Label: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let description: String

    /// Nil unless `text` is a single DNS label that begins with a letter.
    package init?(_ text: some StringProtocol) {
        guard let name = Hostname(text), name.labels.count == 1, text.last != ".",
            let first = name.description.unicodeScalars.first, ("a"..."z").contains(first)
        else { return nil }
        description = name.description
    }

    package static func < (lhs: Label, rhs: Label) -> Bool { lhs.description < rhs.description }
}
