import HostSystem
import PortlessCore
import SystemPackage

/// The scripts in an app's folder that the original's page knows.
struct AppScripts {
    private struct Script {
        var name: String
        var description: String
        var types: Set<String>
    }

    private static let deploy = "deploy.sh"
    private static let all = [
        Script(
            name: deploy,
            description: "Uploads a build",
            types: ["ios-native", "macos-native", "xcode"],
        ),
        Script(
            name: "take_screenshots.sh",
            description: "Takes screenshots on iPhone and iPad",
            types: ["ios-native", "xcode"],
        ),
        Script(
            name: "take_screenshots_macos.sh",
            description: "Takes screenshots on the Mac",
            types: ["macos-native", "xcode"],
        ),
    ]

    let hasDeployScript: Bool
    /// The scripts of an Xcode project that are present, and those that are missing.
    private var present: [Script] = []
    private var missing: [Script] = []

    init(of app: RegisteredApp) {
        // Nothing is missing in a folder that doesn't exist.
        guard let folder = app.directory, folder.isAbsolute,
            let status = try? FileStatus.of(folder), status.isDirectory
        else {
            hasDeployScript = false
            return
        }
        func exists(_ script: String) -> Bool {
            (try? FileStatus.of(folder.appending(script))) != nil
        }
        hasDeployScript = exists(Self.deploy)
        guard let type = app.record["type"]?.string else { return }
        for script in Self.all where script.types.contains(type) {
            if exists(script.name) { present.append(script) } else { missing.append(script) }
        }
    }

    var xcodeJSON: JSONValue {
        .object(["missing": Self.json(missing), "present": Self.json(present)])
    }

    private static func json(_ scripts: [Script]) -> JSONValue {
        .array(
            scripts.map {
                .object(["name": .string($0.name), "description": .string($0.description)])
            }
        )
    }
}
