package import SystemPackage

/// How far autofix has come with a crash: the file `state.json` of its work folder, by which the next
/// server goes on.
package struct FixWork: Hashable, Sendable {
    package enum Stage: String, Hashable, Sendable, CaseIterable {
        /// The work tree is being made.
        case preparing
        /// The command changes it.
        case repairing
        /// The diff is taken, and the verifying command runs.
        case verifying
    }

    package var stage = Stage.preparing
    /// The repository.
    package var root: FilePath
    /// As they were when it began.
    package var settings: CrashSettings.Autofix
    /// git's own folder of the work tree, and the commit that this stood at.
    package var metadata: FilePath = "/"
    package var base = ""
    /// The stage's job, once that was started.
    package var job: AppName?

    package init(root: FilePath, settings: CrashSettings.Autofix) {
        self.root = root
        self.settings = settings
    }
}

extension FixWork {
    private static let codec = JSONCodec.object(
        [
            .required("stage", \.stage, as: .choice),
            .required("root", \.root, as: .path),
            .required("autofix", \.settings, as: .autofix),
            .required("metadata", \.metadata, as: .path),
            .defaulted("base", \.base, as: .text),
            .optional("job", \.job, as: .appName),
        ],
        blank: FixWork(root: "/", settings: CrashSettings.Autofix(command: [])),
    )

    package var json: JSONValue { Self.codec.write(self) }

    package init(json: JSONValue) throws {
        self = try Self.codec.read(json, "work")
    }
}
