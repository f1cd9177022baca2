package import PortlessCore
import SystemPackage

/// How the managed browser is started: its arguments and its environment.
package struct BrowserLaunch: Hashable, Sendable {
    package var folder: BrowserFolder
    package var port: Port
    package var isHeadless: Bool
    package var isRoot: Bool
    package var tlds: [TLD]

    package init(
        folder: BrowserFolder,
        port: Port,
        isHeadless: Bool,
        isRoot: Bool,
        tlds: [TLD],
    ) {
        self.folder = folder
        self.port = port
        self.isHeadless = isHeadless
        self.isRoot = isRoot
        self.tlds = tlds
    }

    package var arguments: [String] {
        let names = tlds.map { "MAP *.\($0) 127.0.0.1" }.joined(separator: ", ")
        var arguments = [
            profileArgument, "--remote-debugging-address=127.0.0.1",
            "--remote-debugging-port=\(port)", "--host-resolver-rules=\(names)",
            // Chromium obeys http_proxy and its like, and a company's proxy knows no name of ours.
            "--proxy-bypass-list=" + tlds.map { "*.\($0)" }.joined(separator: ";"),
            "--no-first-run", "--no-default-browser-check", "--hide-crash-restore-bubble",
            // It has no password of the user's, so it must not ask for that of a keyring.
            "--password-store=basic", "--use-mock-keychain",
        ]
        if isHeadless { arguments += ["--headless=new", "--window-size=1280,800"] }
        // Chromium refuses to run as root with its sandbox.
        if isRoot { arguments.append("--no-sandbox") }
        return arguments + ["about:blank"]
    }

    /// The argument by which a process shows that it is this browser.
    package var profileArgument: String { "--user-data-dir=\(folder.profile)" }

    /// The environment with a home of its own, for that is where Chromium looks for certificates.
    package func environment(_ inherited: [String: String]) -> [String: String] {
        var environment = inherited
        if let home = inherited["HOME"], inherited["XAUTHORITY"] == nil {
            environment["XAUTHORITY"] = FilePath(home).appending(".Xauthority").string
        }
        environment["HOME"] = folder.home.string
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "CHROME_USER_DATA_DIR"] {
            environment[name] = nil
        }
        return environment
    }

    /// Whether there is a display for a window.
    package static func hasDisplay(_ environment: [String: String], isMac: Bool) -> Bool {
        func isSet(_ name: String) -> Bool { environment[name]?.isEmpty == false }
        guard !isMac else { return !isSet("SSH_CONNECTION") }
        return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY")
    }
}
