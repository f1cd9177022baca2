import PortlessCore
import Projects

/// How the apps of one project find one another: `PORTLESS_URL_<APP>` for each.
enum SiblingVariables {
    static func variables(_ urls: [(label: String, url: String)]) -> [String: String] {
        let labels = urls.map(\.label)
        return Dictionary(
            urls.map { label, url in
                ("PORTLESS_URL_" + EnvironmentName.word(shortName(label, among: labels)), url)
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    /// `@scope/name` is known to its siblings as `name`, unless two are called so.
    static func shortName(_ label: String, among labels: [String]) -> Substring {
        let name = PackageManifest.unscoped(label)
        let isUnique = labels.count { PackageManifest.unscoped($0) == name } == 1
        return isUnique ? name : label.drop { $0 == "@" }
    }
}
