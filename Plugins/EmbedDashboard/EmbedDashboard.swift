import Foundation
import PackagePlugin

/// Embeds the files of `Dashboard/` into the Server module, again only when one of them changes.
@main
struct EmbedDashboard: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "Dashboard")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).sorted()
            .filter { ["html", "css", "js", "svg"].contains(URL(filePath: $0).pathExtension) }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedDashboard.swift")
        return [
            .buildCommand(
                displayName: "Embedding the dashboard",
                executable: try context.tool(named: "DashboardEmbedder").url,
                arguments: [output.path(), folder.path()] + names,
                inputFiles: names.map { folder.appending(path: $0) },
                outputFiles: [output],
            )
        ]
    }
}
