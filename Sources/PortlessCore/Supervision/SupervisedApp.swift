package import SystemPackage

/// An app that was brought up at least once, with the state of its processes.
package struct SupervisedApp: Hashable, Sendable {
    package var name: AppName
    package var directory: FilePath
    /// In the order of the project's own files.
    package var processes: [SupervisedProcess]
    /// Why the app's state is unknown; then its processes are `unknown`.
    package var problem: String?
    /// Set for an app that starts with the first request for one of its names.
    package var onRequest: OnRequest?
    /// The other apps that it depends on.
    package var needs: [AppName] = []
    /// The names that lead to it while it runs.
    package var names: [Hostname] = []

    package init(
        name: AppName,
        directory: FilePath,
        processes: [SupervisedProcess],
        problem: String? = nil,
    ) {
        self.name = name
        self.directory = directory
        self.processes = processes
        self.problem = problem
    }

    /// Takes over what the plan says of the app as a whole.
    package mutating func take(_ plan: SupervisionPlan) {
        directory = plan.directory
        onRequest = plan.onRequest
        needs = plan.needs
        names = plan.processes.flatMap(\.names.all)
    }

    package func process(_ name: String) -> SupervisedProcess? {
        processes.first { $0.name == name }
    }

    /// The state of the app as a whole: the first of these that a process has.
    package var state: ProcessState {
        let order: [ProcessState] = [
            .unknown, .crashLooping, .errored, .starting, .stopping, .online, .stopped,
        ]
        let states = Set(processes.map(\.state))
        return order.first(where: states.contains) ?? .notStarted
    }
}

extension SupervisedApp {
    private static let fields: [JSONField<SupervisedApp>] = [
        .required("name", \.name, as: .appName),
        .defaulted("directory", \.directory, as: .path),
        // Follows from those of the processes, so it isn't read.
        JSONField(
            members: [
                JSONMember(
                    key: "state",
                    shape: JSONCodec<ProcessState>.choice.shape,
                    isRequired: false,
                    isConstant: true,
                )
            ],
            write: { $1["state"] = .string($0.state.rawValue) },
            read: { _, _, _ in },
        ),
        .defaulted("processes", \.processes, as: .list(of: .supervised)),
        .optional("problem", \.problem, as: .text),
        .optional("onRequest", \.onRequest, as: .onRequest),
    ]

    package static var shape: JSONShape {
        .named("SupervisedApp", .object(fields.flatMap(\.members)))
    }

    /// The app in the API.
    package var json: JSONValue { .object(JSONField.write(self, Self.fields)) }

    /// Reads what `json` wrote, as far as it is understood; nil without a name.
    package init?(json: JSONValue) {
        guard let object = json.object, let text = object["name"]?.string,
            let name = try? AppName(parsing: text)
        else { return nil }
        self.init(name: name, directory: "/", processes: [])
        for field in Self.fields { try? field.read(object, "app", &self) }
    }
}

/// A change of what the supervisor knows.
package enum SupervisorEvent: Hashable, Sendable {
    /// An app is new, or its plan or its keeper changed.
    case app(SupervisedApp)
    case process(AppName, SupervisedProcess)
    case removed(AppName)
}
