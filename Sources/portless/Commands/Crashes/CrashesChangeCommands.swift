import ArgumentParser
import PortlessCore

// The commands that ask the server for one change of a crash or of the watcher.

/// `portless crashes on`: records crashes.
struct CrashesOnCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "on",
        abstract: "Record crashes from now on.",
    )

    func run(_ context: CommandContext) throws {
        _ = try ServerControl(context).client()
            .put("/api/crashes/watcher", .object(["on": .bool(true)]))
        context.console.say("Crashes of apps in the background are recorded: portless crashes")
    }
}

/// `portless crashes off`: records no more.
struct CrashesOffCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "off",
        abstract: "Record no more crashes; the recorded ones stay.",
    )

    func run(_ context: CommandContext) throws {
        guard try CrashStore(directory: context.stateDirectory()).settings().isOn else {
            return context.console.say("The watcher is off.")
        }
        _ = try ServerControl(context).client()
            .put("/api/crashes/watcher", .object(["on": .bool(false)]))
        context.console.say("Crashes aren't recorded any more.")
    }
}

/// `portless crashes clear`: forgets the crashes.
struct CrashesClearCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Forget all recorded crashes, with their patches.",
    )

    func run(_ context: CommandContext) throws {
        guard try !CrashStore(directory: context.stateDirectory()).ids().isEmpty else {
            return context.console.say("No crash is recorded.")
        }
        try ServerControl(context).client().delete("/api/crashes")
        context.console.say("The recorded crashes are forgotten.")
    }
}

/// `portless crashes restart <id>`: starts the process again.
struct CrashesRestartCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Restart the process that has crashed.",
    )

    @Argument(help: "The crash's id, or how that begins or ends; without one, the newest.")
    var id: String?

    func run(_ context: CommandContext) throws {
        let record = try KnownCrash.find(id, in: try context.stateDirectory())
        let answer = try ServerControl(context).client().post("/api/crashes/\(record.id)/restart")
        if let error = answer["results"]?[record.process]?["error"]?.string { throw Failure(error) }
        context.console.say("\(record.app) \(record.process) was restarted.")
    }
}

/// `portless crashes patch <id>`: prints a crash's patch.
struct CrashesPatchCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "patch",
        abstract: "Print the patch that autofix has made for a crash.",
    )

    @Flag(help: "Print it as JSON, with its files and its state.")
    var json = false

    @Argument(help: "The crash's id, or how that begins or ends; without one, the newest.")
    var id: String?

    func run(_ context: CommandContext) throws {
        let record = try KnownCrash.find(id, in: try context.stateDirectory())
        let answer = try ServerControl(context).client().get("/api/crashes/\(record.id)/patch")
        context.console.print(json ? answer.formatted : answer["patch"]?.string ?? "")
    }
}

/// `portless crashes apply <id>`: puts the patch into the files.
struct CrashesApplyCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Apply the patch of a crash, and restart the process.",
        discussion: """
            Refused where a file has changes that aren't committed, or has changed since. The patch \
            is taken back if the process doesn't run afterwards.
            """,
    )

    @Flag(help: "Print the crash as JSON.")
    var json = false

    @Argument(help: "The crash's id, or how that begins or ends; without one, the newest.")
    var id: String?

    func run(_ context: CommandContext) throws {
        let record = try KnownCrash.find(id, in: try context.stateDirectory())
        let answer = try ServerControl(context).client().post(
            "/api/crashes/\(record.id)/apply",
            once: true,
        )
        if json { context.console.print(answer.formatted) }
        let sentence = answer["patch"]?["sentence"]?.string ?? ""
        guard answer["patch"]?["state"]?.string == CrashPatch.State.applied.rawValue else {
            throw Failure(sentence)
        }
        context.console.say(sentence)
    }
}

/// `portless crashes discard <id>`: removes the patch.
struct CrashesDiscardCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Remove the patch of a crash.",
    )

    @Argument(help: "The crash's id, or how that begins or ends; without one, the newest.")
    var id: String?

    func run(_ context: CommandContext) throws {
        let record = try KnownCrash.find(id, in: try context.stateDirectory())
        _ = try ServerControl(context).client().post("/api/crashes/\(record.id)/discard")
        context.console.say("The patch was removed.")
    }
}
