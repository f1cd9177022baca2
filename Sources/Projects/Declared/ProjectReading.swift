package import HostSystem
import PortlessCore
package import SystemPackage

/// One reading of a project's files: the declared processes and their ports.
package struct ProjectReading: Sendable {
    /// The inputs of the reading beside the files.
    package struct Choice: Sendable {
        /// The environment that PM2 would use.
        package var environment: [String: String]
        /// The `env_<name>` block of a PM2 file to use, beside `env`.
        package var environmentName: String?
        /// The user that the processes run as.
        package var user: User?

        package init(
            environment: [String: String] = [:],
            environmentName: String? = nil,
            user: User? = nil,
        ) {
            self.environment = environment
            self.environmentName = environmentName
            self.user = user
        }
    }

    /// The processes of the PM2 file, else of the Procfile; nil without either.
    package let declared: DeclaredProcesses?
    package let detected: DetectedProject

    package init(root: FilePath, files: ProjectFiles, _ choice: Choice = Choice()) throws {
        let result = ReadingThread.perform {
            Result { try ProjectReading(readingHere: root, files, choice) }
        }
        guard let result else { throw DeclarationError.noThread(root) }
        self = try result.get()
    }

    private init(readingHere root: FilePath, _ files: ProjectFiles, _ choice: Choice) throws {
        let reader = ProjectReader(
            root: root.string,
            files: files,
            home: choice.environment["HOME"],
            environment: choice.environment,
        )
        var declared = try PM2Declarations.read(root: root, of: reader, choice)
        if declared == nil, let procfile = try Procfile.read(in: "", of: reader)?.checked(in: root)
        {
            declared = DeclaredProcesses(
                procfile,
                root: root,
                folder: CommandFolder("", of: reader),
                environment: DotenvFile.environment(of: reader, beside: choice.environment),
            )
        }
        self.declared = declared
        var detection = ProjectDetection(
            reader: reader,
            environmentName: choice.environmentName,
        )
        detected = detection.project(in: root)
    }
}

extension DeclaredProcesses {
    fileprivate init(
        _ procfile: Procfile,
        root: FilePath,
        folder: CommandFolder,
        environment: [String: String],
    ) {
        let release = procfile.entries.first { $0.name == Procfile.release }
        self.init(
            processes: procfile.entries.map { entry in
                var process = DeclaredProcess(
                    name: entry.name,
                    command: CommandText.words(entry.command),
                    directory: root,
                )
                process.origin = entry.location
                process.environment = environment
                guard entry != release else {
                    process.restart.isAutomatic = false
                    return process
                }
                process.wantsPort = entry.serves(in: folder)
                process.showsPages = entry.showsPages(in: folder)
                process.dependencies = release.map { [$0.name] } ?? []
                return process
            },
            notes: procfile.warnings,
        )
    }
}
