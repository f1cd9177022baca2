import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Browser

@Suite struct BrowserProgramTests {
    private func program(_ path: FilePath, _ name: String) throws {
        try path.write(name, "#!/bin/sh\n")
        try FileSystem.setPermissions(
            [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute],
            of: path.appending(FilePath(name).components),
        )
    }

    @Test func `Chrome comes before Chromium, and a named one before both`() throws {
        try TemporaryDirectory.with { path in
            try program(path, "bin/chromium")
            let search = path.appending("bin").string
            func found(_ wanted: String? = nil) throws -> FilePath {
                try BrowserProgram.find(wanted, path: search, home: nil).path
            }
            #expect(try found() == path.appending("bin").appending("chromium"))
            try program(path, "bin/google-chrome")
            #expect(try found() == path.appending("bin").appending("google-chrome"))
            #expect(try found("chromium").lastComponent == "chromium")
            #expect(throws: BrowserProgramError.absent("opera")) { try found("opera") }
        }
    }

    @Test func `an app of macOS is found in the user's own folder, too`() throws {
        try TemporaryDirectory.with { path in
            let name = "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
            try program(path, name)
            let found = try BrowserProgram.find(nil, path: "", home: path).path
            #expect(found.string.hasSuffix(name))
        }
    }

    @Test func `the arguments keep to loopback and to the profile`() throws {
        let folder = BrowserFolder(in: StateDirectory(path: "/s"))
        var launch = BrowserLaunch(
            folder: folder,
            port: 5556,
            isHeadless: false,
            isRoot: false,
            tlds: [.localhost, TLD(try #require(Hostname("dev.example.com")))],
        )
        let arguments = launch.arguments
        for expected in [
            "--user-data-dir=/s/browser/profile", "--remote-debugging-address=127.0.0.1",
            "--remote-debugging-port=5556",
            "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP *.dev.example.com 127.0.0.1",
        ] { #expect(arguments.contains(expected), "\(expected)") }
        #expect(arguments.last == "about:blank")
        #expect(!arguments.contains { $0.contains("sandbox") || $0.contains("headless") })
        #expect(!arguments.contains { $0.contains("ignore-certificate-errors") })
        launch.isHeadless = true
        launch.isRoot = true
        #expect(launch.arguments.contains("--headless=new"))
        #expect(launch.arguments.contains("--no-sandbox"))
    }

    @Test func `the environment has a home of its own, and the user's display`() {
        let launch = BrowserLaunch(
            folder: BrowserFolder(in: StateDirectory(path: "/s")),
            port: 5556,
            isHeadless: false,
            isRoot: false,
            tlds: [.localhost],
        )
        let environment = launch.environment([
            "HOME": "/home/ann", "DISPLAY": ":0", "XDG_CONFIG_HOME": "/home/ann/.config",
        ])
        #expect(
            environment == [
                "HOME": "/s/browser/home", "DISPLAY": ":0",
                "XAUTHORITY": "/home/ann/.Xauthority",
            ]
        )
        #expect(BrowserLaunch.hasDisplay(["DISPLAY": ":0"], isMac: false))
        #expect(BrowserLaunch.hasDisplay(["WAYLAND_DISPLAY": "wayland-0"], isMac: false))
        #expect(!BrowserLaunch.hasDisplay(["DISPLAY": ""], isMac: false))
        #expect(BrowserLaunch.hasDisplay([:], isMac: true))
        #expect(!BrowserLaunch.hasDisplay(["SSH_CONNECTION": "a"], isMac: true))
    }

    @Test func `settings survive, and nonsense is named`() throws {
        try TemporaryDirectory.with { path in
            let directory = StateDirectory(path: path)
            #expect(try BrowserSettings.read(from: directory) == BrowserSettings())
            var settings = BrowserSettings()
            settings.isHeadless = true
            settings.downloads = "/tmp/d"
            try settings.write(to: directory)
            #expect(try BrowserSettings.read(from: directory) == settings)
            try path.write("browser.json", "[1]")
            #expect(throws: BrowserSettingsError.self) {
                try BrowserSettings.read(from: directory)
            }
        }
    }

    @Test func `only JSON with a WebSocket's URL is a browser`() throws {
        func identity(_ text: String) throws -> BrowserIdentity? {
            BrowserIdentity(json: try JSONValue(parsing: text.utf8))
        }
        let chrome =
            #"{"Browser":"Chrome/150","webSocketDebuggerUrl":"ws://x:1/devtools/browser/a"}"#
        #expect(try identity(chrome)?.socketPath == "/devtools/browser/a")
        #expect(try identity(chrome)?.product == "Chrome/150")
        for text in [
            "{}", "[]", "1", #"{"webSocketDebuggerUrl":1}"#,
            #"{"webSocketDebuggerUrl":"http://x/devtools"}"#, #"{"webSocketDebuggerUrl":"ws://x"}"#,
            #"{"webSocketDebuggerUrl":"ws://x/a b"}"#,
            "{\"webSocketDebuggerUrl\":\"ws://x/a\\r\\nb\"}",
        ] { #expect(try identity(text) == nil, "\(text)") }
    }
}
