package import PortlessCore
package import SystemPackage

/// A process as a project's own files declare it, before it gets ports and names.
package struct DeclaredProcess: Hashable, Sendable {
    package var name: String
    /// Its name in the file, where that isn't a valid process name.
    package var declaredName: String?
    /// The location of its declaration, if known.
    package var origin: SourceLocation?
    /// Why it can't be started now.
    package var obstacle: DeclarationError?
    /// The program and its arguments.
    package var command: [String]
    package var directory: FilePath
    package var environment: [String: String] = [:]
    package var restart = RestartSettings.gentle
    package var killTimeout = Duration.seconds(5)
    package var memoryLimit: Int64?
    package var outputFile: FilePath?
    package var errorFile: FilePath?
    package var dependencies: [String] = []
    /// The number of its instances, on consecutive ports.
    package var instances = 1
    /// The variable that is incremented for each instance.
    package var instanceVariable: String?
    /// The variable that gets the instance's number.
    package var numberVariable: String?
    /// The ports that the files give it, the one that is its `PORT` first.
    package var ports: [DetectedProcess.LabeledPort] = []
    /// The labels of its ports; nil derives them from other facts about the process.
    package var labels: [String]?
    /// Whether it serves, as far as its declaration shows.
    package var wantsPort = false
    /// Whether it serves pages, like Vite or Next.
    package var showsPages = false

    package init(name: String, command: [String], directory: FilePath) {
        self.name = name
        self.command = command
        self.directory = directory
    }
}
