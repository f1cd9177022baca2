import PortlessCore

/// How the apps of one project find one another: `PORTLESS_URL_<APP>` for each.
enum SiblingVariables {
    static func variables(_ urls: [(label: String, url: String)]) -> [String: String] {
        Dictionary(
            urls.map { ("PORTLESS_URL_" + EnvironmentName.word(shortName($0.label)), $0.url) },
            uniquingKeysWith: { first, _ in first },
        )
    }

    /// `@scope/name` is known to its siblings as `name`.
    private static func shortName(_ label: String) -> Substring {
        PackageManifest.unscoped(label)
    }
}
