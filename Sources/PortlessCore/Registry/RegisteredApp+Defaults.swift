extension RegisteredApp {
    /// What the original keeps of an app besides its ports, and the user may have changed.
    static let settings: Set = [
        "description", "type", "buildCommand", "startCommands", "nativeLaunch", "envFile", "icon",
        "appIconPath", "editorCommand",
    ]

    /// Fills these in from the answer of `POST /api/detect/repo` for the app's folder.
    package mutating func describe(_ repository: JSONValue) {
        let scripts = repository["packageJson"]?["scripts"]?.object ?? [:]
        record["description"] = .string("")
        record["type"] = repository["type"] ?? .string("unknown")
        record["buildCommand"] = .string(scripts["build"] == nil ? "" : "npm run build")
        record["startCommands"] = repository["startCommands"] ?? .array([])
        record["nativeLaunch"] = .null
        record["envFile"] = .string(".env")
        record["icon"] = .null
        record["appIconPath"] = .null
        record["editorCommand"] = .string("code .")
    }
}
