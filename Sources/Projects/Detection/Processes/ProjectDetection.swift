import PortlessCore
package import SystemPackage

/// Finds the ports that a project declares, in every file that declares any.
package enum ProjectDetection {
    /// Reads the project in `directory`; what can't be known is in the result's `unresolved`.
    package static func detect(
        directory: FilePath,
        files: ProjectFiles,
        home: String? = nil,
    ) -> DetectedProject {
        let name = directory.lastComponent?.string ?? "app"
        let project = ReadingThread.perform {
            let evaluator = JavaScriptEvaluator(
                root: directory.string,
                home: home,
                read: files.read,
            )
            let configuration = ConfigurationFile(files: files, evaluator: evaluator)
            var reader = ProjectReader(configuration: configuration)
            return reader.project(named: name)
        }
        guard let project else {
            let reason = "the system has no thread left to read the project with"
            let problem = Unresolved(file: directory.string, line: 1, reason: reason)
            return DetectedProject(name: name, unresolved: [problem])
        }
        return project
    }
}
