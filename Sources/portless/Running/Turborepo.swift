import HostSystem
import PortlessCore
import Projects
import SystemPackage

/// Turborepo, which starts the scripts of a workspace's packages itself, after what they depend on.
///
/// It gives one environment to all of them, and each needs a `PORT` of its own. So Node is told to
/// load a file first, which adds the variables of the package in whose folder it runs.
struct Turborepo: Equatable {
    private static let files = ["turbo.json", "turbo.jsonc"]
    /// Set to the package's folder once its variables are there.
    ///
    /// Programs of the package may change them after that, such as `PORT` for a second server.
    private static let marker = "PORTLESS_PACKAGE"

    let folder: FilePath
    let command: [String]

    /// Nil where the workspace doesn't use it, or is configured not to.
    init?(
        _ context: CommandContext,
        _ configuration: ProjectConfiguration,
        script: String,
        extra: [String],
    ) {
        folder = context.workingDirectory
        let isThere = Self.files.contains { [folder] file in
            (try? FileStatus.of(folder.appending(file))) != nil
        }
        guard isThere, configuration.usesTurborepo else { return nil }
        let manager = PackageManager.detect(in: folder)
        if let text = PackageManifest(in: folder)?.script(script), !Self.callsPortless(text) {
            command = manager.command(script: script, extra: extra)
        } else {
            let program: [String] =
                switch manager {
                case .npm: ["npx"]
                case .bun: ["bunx"]
                case .pnpm, .yarn: [manager.rawValue, "exec"]
                }
            command = program + ["turbo", "run", script] + extra
        }
    }

    /// A root script that calls Portless would come back here for ever.
    private static func callsPortless(_ script: String) -> Bool {
        ShellWords.words(of: script).contains { FilePath($0).lastComponent?.string == "portless" }
    }

    /// What Turborepo itself is started with, with the file that Node loads.
    func start(environment: [String: String], loading loader: FilePath) -> AppStart {
        var environment = environment
        environment["NODE_OPTIONS"] = Self.nodeOptions(
            requiring: loader,
            before: environment["NODE_OPTIONS"],
        )
        return AppStart(command: command, environment: environment, folder: folder)
    }

    static func nodeOptions(requiring file: FilePath, before others: String?) -> String {
        let path = file.string
        let isPlain = !path.contains { " \"\\".contains($0) }
        let escaped = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let option = "--require " + (isPlain ? path : "\"\(escaped)\"")
        return [option, others ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// A CommonJS module with the variables of the packages, by their folders.
    static func loader(_ packages: [FilePath: [String: String]]) -> String {
        var folders = JSONObject()
        for (folder, variables) in packages.sorted(by: { $0.key.string < $1.key.string }) {
            var own = JSONObject()
            for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
                own[name] = .string(value)
            }
            folders[folder.string] = .object(own)
        }
        return """
            "use strict";
            // By portless, for one run of turbo, with which it ends.
            const packages = \(JSONValue.object(folders).formatted);
            try {
              const folder = process.cwd();
              if (Object.hasOwn(packages, folder) && process.env.\(marker) !== folder) {
                Object.assign(process.env, packages[folder], { \(marker): folder });
              }
            } catch {
              // A folder that is gone has no name.
            }

            """
    }
}

/// The file that Node loads in a run of Turborepo, one for each run.
struct TurborepoLoader {
    let path: FilePath

    init(_ packages: [FilePath: [String: String]], in directory: StateDirectory) throws {
        let folder = directory[.turborepo]
        let isNew = try FileSystem.makeDirectory(folder, mode: StateFile.turborepo.mode)
        if isNew, let owner = directory.owner { try FileSystem.setOwner(owner, of: folder) }
        Self.removeLeftovers(in: folder)
        path = folder.appending("\(ProcessIdentity.current.pid).cjs")
        try directory.write(Turborepo.loader(packages), to: path, isSecret: true)
    }

    func remove() { try? FileSystem.removeFile(path) }

    /// What runs that were killed have left.
    private static func removeLeftovers(in folder: FilePath) {
        for name in DirectoryListing.names(folder) {
            guard let pid = Int32(name.prefix { $0 != "." }), pid > 0,
                !ProcessIdentity(pid: pid, startTime: nil).isAlive
            else { continue }
            try? FileSystem.removeFile(folder.appending(name))
        }
    }
}
