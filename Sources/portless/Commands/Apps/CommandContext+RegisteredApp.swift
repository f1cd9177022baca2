import PortlessCore
import SystemPackage

extension CommandContext {
    /// The one app of this name or id.
    func registeredApp(_ text: String?, usage: String) throws -> RegisteredApp {
        guard let text else { throw Failure("No app is named.", remedy: "Usage: \(usage)") }
        let found = try AppRegistry(directory: stateDirectory()).find(text)
        guard let app = found.first else {
            throw Failure(
                "No app \"\(text)\" is registered.",
                remedy: "`portless apps` shows those that are; `portless apps add <dir>` adds one.",
            )
        }
        guard found.count == 1 else {
            let list = found.map { "\($0.id) (\($0.directory?.string ?? "no folder"))" }
            throw Failure(
                "Several apps are called \"\(text)\".",
                remedy: "Name one by its id: \(list.joined(separator: ", "))",
            )
        }
        return app
    }
}
