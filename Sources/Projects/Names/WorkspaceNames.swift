import PortlessCore

/// The names of a workspace's apps.
package enum WorkspaceNames {
    /// What all apps of a workspace have in common: the configured name, else the npm scope that
    /// most packages have, the first one among equals; nil leaves it to the folder.
    package static func project(configured: String?, packageNames: [String]) -> String? {
        if let configured { return DNSLabel.truncatingEach(configured) }
        let scopes = packageNames.compactMap { PackageManifest.scope(of: $0).map(String.init) }
        var counts: [String: Int] = [:]
        for scope in scopes { counts[scope, default: 0] += 1 }
        let most = counts.values.max()
        let scope = scopes.first { counts[$0] == most }
        return scope.map { DNSLabel.sanitized($0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The name of one app: `label.project`, or the project's for the app that is called like it.
    package static func app(
        configured: String?,
        packageName: String?,
        path: String,
        project: String,
    ) -> String {
        if let configured { return DNSLabel.truncatingEach(configured) }
        let own = packageName.map { DNSLabel.sanitized(PackageManifest.unscoped($0)) } ?? ""
        let label = own.isEmpty ? DNSLabel.sanitized(path) : own
        return label == project || label.isEmpty ? project : "\(label).\(project)"
    }
}
