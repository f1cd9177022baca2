import HostSystem
import SystemPackage

/// Where browsers keep their NSS databases.
enum NSSDatabases {
    struct Location: Hashable {
        let name: String
        let directory: FilePath
    }

    /// Folders with one Firefox profile in each subfolder, relative to the home.
    private static let firefox: [FilePath] = [
        ".mozilla/firefox",
        // Firefox 147 and later follow the XDG base directories.
        ".config/mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/config/mozilla/firefox",
        "Library/Application Support/Firefox/Profiles",
    ]

    /// Databases of Chromium and what is built from it; the first is everybody's outside a sandbox.
    private static let chromium: [FilePath] = [
        ".pki/nssdb",
        ".local/share/pki/nssdb",
        "snap/chromium/current/.pki/nssdb",
        "snap/brave/current/.pki/nssdb",
        ".var/app/org.chromium.Chromium/.pki/nssdb",
        ".var/app/com.google.Chrome/.pki/nssdb",
        ".var/app/com.brave.Browser/.pki/nssdb",
        ".var/app/com.microsoft.Edge/.pki/nssdb",
    ]

    private static let chromiumPrograms = [
        "chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
        "microsoft-edge", "brave-browser", "vivaldi",
    ]

    /// The databases under `home`, and the one that Chromium would make at its first start.
    static func find(home: FilePath, has program: (String) -> Bool) -> [Location] {
        let profiles = firefox.flatMap { folder in
            home.appending(folder.components).subdirectories
                .filter(isDatabase)
                .map { directory in
                    let name = directory.lastComponent?.string ?? directory.string
                    return Location(name: "Firefox profile \(name)", directory: directory)
                }
        }
        var shared = chromium.map { home.appending($0.components) }.filter(isDatabase)
        let usual = home.appending(".pki").appending("nssdb")
        if shared.isEmpty, chromiumPrograms.contains(where: program) { shared = [usual] }
        return profiles
            + shared.map { Location(name: "Chromium database \($0)", directory: $0) }
    }

    private static func isDatabase(_ directory: FilePath) -> Bool {
        (try? FileStatus.of(directory.appending("cert9.db"))) != nil
    }
}
