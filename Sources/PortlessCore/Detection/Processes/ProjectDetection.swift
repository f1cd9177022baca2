package import SystemPackage

/// Finds the ports that a project declares, in every file that declares any.
package enum ProjectDetection {
    /// Reads the project in `directory`; what can't be known is in the result's `unresolved`.
    package static func detect(
        directory: FilePath,
        files: ProjectFiles,
        home: String? = nil,
    ) -> DetectedProject {
        let evaluator = JavaScriptEvaluator(root: directory.string, home: home, read: files.read)
        let configuration = ConfigurationFile(files: files, evaluator: evaluator)
        var reader = ProjectReader(configuration: configuration)
        return reader.project(named: directory.lastComponent?.string ?? "app")
    }
}
