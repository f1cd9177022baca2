import Dispatch
import HostSystem
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import PortlessCore

struct LeaseStoreTests {
    private let plan = PortPlan(ranges: PortSettings.standard.ranges)

    private func withStore<Result>(_ body: (LeaseStore) throws -> Result) throws -> Result {
        try TemporaryDirectory.with { path in
            try body(LeaseStore(directory: StateDirectory(path: path)))
        }
    }

    private func lease(_ store: LeaseStore, _ app: String, _ labels: String...) throws -> PortLease
    {
        try store.lease(
            labels.map { try LeaseRequest(parsing: $0) },
            for: AppName(parsing: app),
            by: plan,
            isFree: { _ in true },
        )
        .lease
    }

    @Test
    func `leases are kept and given back`() throws {
        try withStore { store in
            let shop = try lease(store, "shop", "api:REST", "ui")
            let branch = try lease(store, "fix.shop", "api")
            #expect(branch.range?.first == 5572)
            #expect(try store.list() == [branch, shop])
            #expect(try store.list().first { $0.app.description == "shop" } == shop)
            #expect(try store.release(AppName(parsing: "shop")) == shop)
            #expect(try store.release(AppName(parsing: "shop")) == nil)
            #expect(try store.list() == [branch])
        }
    }

    @Test
    func `the block of a worktree is released once its folder is gone, and not before`() throws {
        try withStore { store in
            let root = store.directory.path
            try root.write("shop/.git/HEAD", "x")
            func lease(_ app: String, in folder: String?) throws {
                let worktree = folder.map {
                    PortLease.Worktree(
                        folder: root.appending($0),
                        repository: root.appending("shop/.git"),
                    )
                }
                _ = try store.lease(
                    [LeaseRequest(label: "api")],
                    for: AppName(parsing: app),
                    by: plan,
                    in: worktree,
                    isFree: { _ in true },
                )
            }
            try root.write("fix/.git", "x")
            try lease("shop", in: nil)
            try lease("fix.shop", in: "fix")
            try lease("gone.shop", in: "gone")
            try lease("kept.shop", in: "kept")
            // Asked again from elsewhere, it stays what it was.
            try lease("gone.shop", in: nil)
            let released = try store.releaseGone { $0.description == "kept.shop" }
            #expect(released.map(\.app.description) == ["gone.shop"])
            let left = try store.list()
            #expect(left.map(\.app.description) == ["fix.shop", "kept.shop", "shop"])
            #expect(left.first?.worktree?.folder == root.appending("fix"))
            try store.record(
                PortLease.Worktree(
                    folder: root.appending("moved"),
                    repository: root.appending("shop/.git"),
                ),
                of: AppName(parsing: "fix.shop"),
            )
            #expect(try store.releaseGone { $0.description == "kept.shop" }.count == 1)
            // The whole disk may be away.
            try FileSystem.removeFile(root.appending("shop/.git/HEAD"))
            try FileSystem.removeDirectory(root.appending("shop/.git"))
            #expect(try store.releaseGone { _ in false }.isEmpty)
        }
    }

    @Test
    func `hundreds of parallel callers never share a port`() throws {
        try withStore { store in
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 300) { index in
                do {
                    _ = try lease(store, "app\(index)", "api", "ui")
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            let ports = try store.list().flatMap { $0.ports.map(\.port) }
            #expect(ports.count == 600)
            #expect(Set(ports).count == 600)
        }
    }

    @Test
    func `what this version doesn't know in the file survives`() throws {
        try withStore { store in
            let text = """
                {
                  "version": 7,
                  "leases": {
                    "shop": {
                      "since": "2026",
                      "ports": [
                        {
                          "label": "api",
                          "port": 5570,
                          "colour": "red"
                        }
                      ]
                    }
                  },
                  "more": [
                    1.0
                  ]
                }
                """
            try store.directory.write(text, to: store.directory[.leases])
            _ = try lease(store, "shop", "api", "ui")
            let written = try #require(try store.directory.text(of: .leases))
            for part in ["\"version\": 7", "\"since\": \"2026\"", "\"colour\": \"red\"", "1.0"] {
                #expect(written.contains(part))
            }
            #expect(try store.list().first?.port("ui") == 5571)
        }
    }

    @Test(arguments: [
        ("", "line 1"),
        ("{", "line 1"),
        ("[]", "it has to be an object"),
        (#"{"leases": []}"#, "\"leases\" has to be an object"),
        (#"{"leases": {"a": {}}}"#, "the lease of \"a\""),
        (#"{"leases": {"a": {"ports": [{"label": "x", "port": 0}]}}}"#, "the lease of \"a\""),
        (
            #"{"leases": {"a": {"ports": [{"label": "x", "port": 5570}, {"label": "y", "port": 5572}]}}}"#,
            "the lease of \"a\"",
        ),
    ])
    func `a file that can't be understood is an error that names it, and stays`(
        text: String,
        reason: String,
    ) throws {
        try withStore { store in
            let path = store.directory[.leases]
            try store.directory.write(text, to: path)
            for attempt in [
                { _ = try store.list() }, { _ = try lease(store, "shop", "api") },
                { _ = try store.release(AppName(parsing: "shop")) },
            ] as [() throws -> Void] {
                let error = #expect(throws: LeaseError.self) { try attempt() }
                #expect(error?.description.contains(path.string) == true)
                #expect(error?.description.contains(reason) == true)
            }
            #expect(try store.directory.text(of: path) == text)
        }
    }

    @Test(
        arguments: [
            (#"{"ports": {"ranges": ["6100-6199", "20000 - 20099"]}}"#, nil),
            ("{}", nil),
            (#"{"ports": {"ranges": []}}"#, "has to be a list"),
            (#"{"ports": {"ranges": ["5599-5570"]}}"#, "\"5599-5570\" is not a port range"),
            (#"{"ports": {"ranges": ["1-99999"]}}"#, "\"1-99999\" is not a port range"),
            (#"{"ports": {"ranges": [5570]}}"#, "has to be a text"),
            (#"{"ports": {"ranges": ["5550-5599"]}}"#, "which Portless needs itself"),
            (#"{"ports": {"ranges": ["80-90"]}}"#, "below 1024"),
            (#"{"ports": {"ranges": ["6100-6199", "6150-6300"]}}"#, "overlap"),
            (#"{"ports": {"range": ["6100-6199"]}}"#, "\"ports.range\" is unknown"),
            (#"{"ports": 5}"#, "\"ports\" has to be an object"),
            ("{,}", "line 1"),
        ] as [(String, String?)]
    )
    func `ranges of the configuration are checked`(text: String, problem: String?) throws {
        try withStore { store in
            try store.directory.write(text, to: store.directory[.configuration])
            guard let problem else {
                #expect(try PortSettings.read(from: store.directory).ranges.count == 2)
                return
            }
            let error = #expect(throws: LeaseError.self) {
                try PortSettings.read(from: store.directory)
            }
            #expect(error?.description.contains(problem) == true)
        }
    }
}
