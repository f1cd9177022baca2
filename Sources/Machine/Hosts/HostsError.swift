import HostSystem
package import SystemPackage

/// A hosts file that could not be brought up to date, and what to run instead.
package struct HostsError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: FilePath
    package let reason: String
    /// Whether root could do it.
    package let needsRoot: Bool
    private let remedy: String

    init(path: FilePath, _ error: Errno, remedy: String) {
        self.path = path
        reason = "\(error)"
        needsRoot = error == .permissionDenied || error == .notPermitted
        self.remedy = remedy
    }

    package var description: String {
        let advice = needsRoot ? " Run `\(remedy)`." : " Check the file, then run `\(remedy)`."
        return "Can't write \(path) (\(reason)).\(advice)"
    }
}
