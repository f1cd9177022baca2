package import PortlessCore
package import SystemPackage

/// The folder of one supervised app in the state directory, and the names of the files in it.
package struct KeeperFolder: Hashable, Sendable {
    package let path: FilePath

    package init(_ path: FilePath) {
        self.path = path
    }

    package init(of app: AppName, in directory: StateDirectory) {
        path = directory.apps.appending(app.description)
    }

    /// What to run.
    package var plan: FilePath { path.appending("plan.json") }
    /// How each process is, rewritten at each change.
    package var status: FilePath { path.appending("status.json") }
    /// Which process the keeper is; gone after an orderly end.
    package var record: FilePath { path.appending("keeper.json") }
    /// Held by the keeper for as long as it lives.
    package var lock: FilePath { path.appending("keeper.lock") }
    /// What the keeper itself has to say.
    package var keeperLog: FilePath { path.appending("keeper.log") }
    package static let socketName = "keeper.sock"
    package var logs: FilePath { path.appending("logs") }
    /// What the processes write into; they outlive a keeper, so that nobody's output breaks.
    var pipes: FilePath { path.appending("pipes") }
    /// Where each process writes its own PID before it runs.
    var pids: FilePath { path.appending("pids") }

    package func log(of process: String) -> FilePath { logs.appending("\(process).log") }

    /// The last lines before the latest crash.
    package func crash(of process: String) -> FilePath { logs.appending("\(process).crash.log") }

    func pipe(of process: String, _ stream: LogLine.Stream) -> FilePath {
        pipes.appending("\(process).\(stream.rawValue)")
    }

    func pid(of process: String) -> FilePath { pids.appending(process) }
}
