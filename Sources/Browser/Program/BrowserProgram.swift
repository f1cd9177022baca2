import HostSystem
package import SystemPackage

/// A Chrome, Chromium or Edge that is installed on this machine.
package struct BrowserProgram: Hashable, Sendable {
    package let path: FilePath

    /// As packages of Linux call them, the most usual first.
    private static let names = [
        "google-chrome-stable", "google-chrome", "chromium", "chromium-browser",
        "microsoft-edge-stable", "microsoft-edge",
    ]
    /// Where macOS has them, in the folder of all applications and in the user's own.
    private static let bundles: [FilePath] = [
        "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "Applications/Chromium.app/Contents/MacOS/Chromium",
        "Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ]

    /// The one that `wanted` names, or else the first that is there.
    package static func find(
        _ wanted: String?,
        path: String?,
        home: FilePath?,
    ) throws(BrowserProgramError) -> BrowserProgram {
        if let wanted {
            guard let found = ProgramSearch.find(wanted, path: path) else { throw .absent(wanted) }
            return BrowserProgram(path: found)
        }
        let inPath = names.lazy.compactMap { ProgramSearch.find($0, path: path) }
        if let found = inPath.first { return BrowserProgram(path: found) }
        let roots: [FilePath] = ["/"] + (home.map { [$0] } ?? [])
        let candidates = bundles.flatMap { bundle in
            roots.map { $0.appending(bundle.components) }
        }
        let found = candidates.lazy.compactMap { ProgramSearch.find($0.string, path: nil) }
        guard let found = found.first else { throw .none }
        return BrowserProgram(path: found)
    }
}

/// Why there is no browser to start.
package enum BrowserProgramError: Error, Hashable, CustomStringConvertible {
    case none
    case absent(String)

    package var description: String {
        switch self {
        case .none:
            """
            There is no Chrome, Chromium or Edge on this machine.
            Install one, or name its program in PORTLESS_BROWSER or with --program.
            """
        case .absent(let name):
            """
            The browser "\(name.visibleLine)" is no program that can be run.
            Name another one in PORTLESS_BROWSER or with --program, or leave it out.
            """
        }
    }
}
