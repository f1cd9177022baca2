package import PortlessCore
package import SystemPackage

/// A process as a project's own files declare it; ports and names are not given out yet.
package struct DeclaredProcess: Hashable, Sendable {
    package var name: String
    /// What the file calls it, where that can't name a process here.
    package var declaredName: String?
    /// Where it is declared, as far as that is known.
    package var origin: SourceLocation?
    /// Why it can't be started as things are.
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
    /// How many of it run, on consecutive ports.
    package var instances = 1
    /// The variable that counts up from one instance to the next.
    package var instanceVariable: String?
    /// The variable that gets the instance's number.
    package var numberVariable: String?
    /// The ports that the files give it, the one that is its `PORT` first; empty where they give
    /// none.
    package var ports: [DetectedProcess.LabeledPort] = []
    /// The labels of its ports; nil leaves it to what else is known of the process.
    package var labels: [String]?
    /// Whether it serves something, as far as its declaration tells.
    package var wantsPort = false
    /// Whether it runs what shows pages, such as Vite or Next.
    package var showsPages = false

    package init(name: String, command: [String], directory: FilePath) {
        self.name = name
        self.command = command
        self.directory = directory
    }
}
