import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage

/// The project of the working directory in each checkout of its repository.
struct ProjectWorktrees {
    /// One checkout, with the app that its folder is.
    struct Worktree {
        struct Process: Equatable {
            /// Nil for a run in a terminal.
            var name: String?
            var pid: Int32?
            var state: ProcessState

            var text: String {
                let title = name ?? "run"
                return pid.map { "\(title) (\($0))" } ?? "\(title) (\(state.rawValue))"
            }
        }

        /// The project's folder in the checkout.
        var folder: FilePath
        var branch: String?
        var isMain: Bool
        var isCurrent: Bool
        /// Nil where its files can't be read.
        var app: AppName?
        var url: String?
        /// Those that run.
        var processes: [Process] = []
        var problem: String?

        var isRunning: Bool { !processes.isEmpty }
    }

    let context: CommandContext

    init(_ context: CommandContext) {
        var context = context
        // It would name the apps of all checkouts.
        context.environment[Project.prefixVariable] = nil
        self.context = context
    }

    /// The main checkout comes first; none outside of a repository.
    func all() throws -> [Worktree] {
        let here = FileSystem.canonical(context.workingDirectory) ?? context.workingDirectory
        guard let root = GitRepository.root(above: here) else { return [] }
        let below = here.components.dropFirst(root.components.count)
        let proxy = try context.describeProxy()
        let apps = StoredApps.list(in: try context.stateDirectory())
        let checkouts = GitRepository.worktrees(around: here, askBranch: context.askBranch)
        let runs = try runs(in: checkouts.map(\.path))
        return checkouts.map { checkout in
            var folder = checkout.path
            folder.components.append(contentsOf: below)
            var worktree = Worktree(
                folder: folder,
                branch: checkout.branch,
                isMain: checkout.isMain,
                isCurrent: checkout.path == root,
            )
            guard (try? FileStatus.of(folder))?.isDirectory == true else {
                worktree.problem = "The folder isn't in this checkout."
                return worktree
            }
            do {
                let project = Project(in: folder, context)
                let configuration = try ProjectConfiguration.load(in: folder)
                let name = try project.commonNaming(configuration).name
                worktree.app = name
                worktree.url = try name.hostnames(under: proxy.tlds).first.map(proxy.url)
            } catch {
                worktree.problem = "\(error)"
            }
            worktree.processes =
                apps.filter { $0.directory == folder }.flatMap(\.processes)
                .filter(\.state.isActive)
                .map { .init(name: $0.name, pid: $0.pid, state: $0.state) }
                + (runs[checkout.path] ?? []).map { .init(name: nil, pid: $0, state: .online) }
            return worktree
        }
    }

    /// The runs in terminals by the checkout that they were started in.
    ///
    /// A worktree may lie within the main checkout: the innermost one has a run.
    private func runs(in checkouts: [FilePath]) throws -> [FilePath: [Int32]] {
        let keepers = Set(
            StoredApps.list(in: try context.stateDirectory()).compactMap { app in
                (try? KeeperFolder(of: app.name, in: context.stateDirectory()).readKeeper())?.pid
            }
        )
        let own = try context.routes().list().filter {
            !$0.isAlias && $0.container == nil && !$0.isElsewhere
        }
        let owners = Set(own.map(\.pid))
        var runs: [FilePath: [Int32]] = [:]
        for pid in owners.subtracting(keepers).sorted() {
            guard let folder = context.processes.details(pid).folder else { continue }
            let checkout = checkouts.filter(folder.starts(with:))
                .max { $0.components.count < $1.components.count }
            if let checkout { runs[checkout, default: []].append(pid) }
        }
        return runs
    }
}

extension ProjectWorktrees.Worktree {
    var json: JSONValue {
        .object([
            "folder": .string(folder.string),
            "branch": branch.map { .string($0) } ?? .null,
            "isMain": .bool(isMain),
            "isCurrent": .bool(isCurrent),
            "app": app.map { .string($0.description) } ?? .null,
            "url": url.map { .string($0) } ?? .null,
            "state": .string(isRunning ? "running" : "stopped"),
            "processes": .array(
                processes.map { process in
                    .object([
                        "name": process.name.map { .string($0) } ?? .null,
                        "pid": process.pid.map(JSONValue.integer) ?? .null,
                        "state": .string(process.state.rawValue),
                    ])
                }
            ),
            "problem": problem.map { .string($0) } ?? .null,
        ])
    }
}
