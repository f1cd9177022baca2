import HTTPTypes
import HostSystem
import PortlessCore
import Projects
import Runner
import SystemPackage
import TestSupport
import Testing

@testable import Server

@Suite struct RegistryOperationsTests {
    /// A project whose Procfile declares one port.
    private func project(_ api: APIFixture, _ name: String, port: Int = 5570) throws -> FilePath {
        try api.directory.path.write("\(name)/Procfile", "web: node s.js --port \(port)\n")
        return api.directory.path.appending(name)
    }

    private func create(_ api: APIFixture, _ folder: FilePath) async throws -> String {
        let answer = try await api.post("/api/apps", #"{"repoPath":"\#(folder)"}"#)
        #expect(answer.status == 201, "\(answer.text)")
        return try #require(answer.json["id"]?.string)
    }

    private func apps(_ api: APIFixture) throws -> [RegisteredApp] {
        try AppRegistry(directory: api.directory).list()
    }

    @Test func `what isn't given is what the files tell`() async throws {
        try await APIFixture.with { api in
            let folder = try project(api, "shop")
            let answer = try await api.post(
                "/api/apps",
                #"{"repoPath":"\#(folder)/../shop/","description":"Sells","uiPort":6001,"#
                    + #""jira":{"key":"X"},"id":"mine","createdAt":"1970","overallStatus":"x"}"#,
            )
            #expect(answer.status == 201)
            #expect(AppRecord.stored.problem(with: answer.json) == nil)
            let app = try #require(try apps(api).first)
            #expect(answer.json == app.stored)
            #expect(app.id != "mine")
            #expect(app.name == "shop")
            #expect(app.directory == folder)
            #expect(app.processes.map(\.portText) == ["web:5570"])
            #expect(app.record["pm2Home"] == .null)
            #expect(app.record["editorCommand"]?.string == "code .")
            #expect(app.record["description"]?.string == "Sells")
            #expect(app.record["uiPort"]?.integer == 6001)
            #expect(app.record["jira"]?["key"]?.string == "X")
            #expect(app.record["overallStatus"] == nil)
            #expect(app.record["createdAt"]?.string?.hasPrefix("20") == true)
        }
    }

    @Test func `a folder is one app, by whatever path`() async throws {
        try await APIFixture.with { api in
            let id = try await create(api, project(api, "shop"))
            let again = try await api.post(
                "/api/apps",
                #"{"repoPath":"\#(api.directory.path)/./shop","name":"other"}"#,
            )
            #expect(again.status == 409)
            #expect(again.code == "ALREADY_REGISTERED")
            #expect(again.json["detail"]?.string?.contains(id) == true)
            #expect(try apps(api).map(\.name) == ["shop"])
        }
    }

    @Test(arguments: [
        #"{}"#, #"{"repoPath":"shop"}"#, #"{"repoPath":"/no/such/folder"}"#,
        #"{"repoPath":"/etc/hosts"}"#, #"{"repoPath":"/\u0000"}"#, #"{"repoPath":"/","name":""}"#,
        #"{"repoPath":"/","name":"\#(String(repeating: "x", count: 101))"}"#,
        #"{"repoPath":"/","uiPort":0}"#, #"{"repoPath":"/","apiPort":65536}"#,
        #"{"repoPath":"/","devUiPort":"5570"}"#, #"{"repoPath":"/","tlsPort":12.5}"#,
        #"{"repoPath":"/","processes":[{"name":"x","ports":{"api":0}}]}"#,
        #"{"repoPath":"/","processes":[{"port":1}]}"#, #"{"repoPath":"/","archived":"no"}"#,
        #"{"repoPath":"/","nativeLaunch":{"label":"x","command":"y","processName":"a b"}}"#,
    ])
    func `what is no app is refused`(body: String) async throws {
        try await APIFixture.with { api in
            let answer = try await api.post("/api/apps", body)
            #expect(answer.status == 400)
            #expect(answer.code == "VALIDATION_ERROR")
            #expect(try apps(api).isEmpty)
        }
    }

    @Test func `an edit merges, and keeps what isn't the client's`() async throws {
        try await APIFixture.with { api in
            let id = try await create(api, project(api, "shop"))
            let before = try #require(try apps(api).first)
            let answer = try await api.change(
                .put,
                "/api/apps/\(id)",
                #"{"name":"My Shop","apiPort":null,"devUiPort":7000,"id":"x","uiUrl":"http://x","#
                    + #""createdAt":"1970","updatedAt":"1970","degraded":true}"#,
            )
            #expect(answer.status == 200)
            let app = try #require(try apps(api).first)
            #expect(answer.json == app.stored)
            var expected = before
            expected.record["name"] = .string("My Shop")
            expected.record["devUiPort"] = .integer(7000)
            expected.record["updatedAt"] = app.record["updatedAt"]
            #expect(app == expected)
            #expect(app.record["updatedAt"] != before.record["updatedAt"])
            // By its new name, too.
            #expect(try await api.get("/api/apps/my%20shop").json["id"]?.string == id)
        }
    }

    @Test func `an app that is sent back as it was shown stays as it was`() async throws {
        try await APIFixture.with { api in
            let folder = api.directory.path.appending("shop")
            try api.directory.path.write("shop/deploy.sh", "")
            let registry = AppRegistry(directory: api.directory)
            // As the original may have left it: without ports and processes of its own.
            try registry.insert(
                RegisteredApp(
                    id: "shop",
                    record: [
                        "name": .string("shop"), "repoPath": .string(folder.string),
                        "processes": .array([
                            .object([
                                "name": .string("web"),
                                "ports": .object([
                                    "api": .integer(5570), "devUi": .integer(5571),
                                ]),
                            ])
                        ]),
                    ],
                )
            )
            let shown = try await api.get("/api/apps/shop")
            #expect(shown.json["uiPort"]?.integer == 5570)
            #expect(try await api.change(.put, "/api/apps/shop", shown.text).status == 200)
            let record = try #require(try apps(api).first).record
            #expect(record.keys == ["name", "repoPath", "processes", "updatedAt"])
        }
    }

    @Test func `an app moves only to a folder that is there and no other app's`() async throws {
        try await APIFixture.with { api in
            let id = try await create(api, project(api, "shop"))
            let other = try project(api, "other")
            _ = try await create(api, other)
            let path = "/api/apps/\(id)"
            let taken = try await api.change(.put, path, #"{"repoPath":"\#(other)"}"#)
            #expect(taken.code == "ALREADY_REGISTERED")
            let gone = try await api.change(.put, path, #"{"repoPath":"/no/such/folder"}"#)
            #expect(gone.status == 400)
            let third = try project(api, "third")
            let moved = try await api.change(.put, path, #"{"repoPath":"\#(third)/."}"#)
            #expect(moved.json["repoPath"]?.string == third.string)
        }
    }

    @Test func `what was only brought up is not registered, and says how it could be`() async throws
    {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            for (method, path) in [
                (HTTPRequest.Method.put, ""), (.post, "/archive"), (.post, "/unarchive"),
                (.post, "/refresh-config"),
            ] {
                let answer = try await api.change(method, "/api/apps/shop" + path)
                #expect(answer.status == 409)
                #expect(answer.code == "NOT_REGISTERED")
                let detail = answer.json["detail"]?.string ?? ""
                #expect(detail.contains("portless apps add /projects/shop"))
            }
        }
    }

    @Test func `an app is put aside and taken back`() async throws {
        try await APIFixture.with { api in
            let id = try await create(api, project(api, "shop"))
            for (verb, isArchived) in [("archive", true), ("unarchive", false)] {
                let answer = try await api.post("/api/apps/\(id)/\(verb)")
                #expect(answer.json["archived"] == .bool(isArchived))
                #expect(try apps(api).first?.stored == answer.json)
            }
        }
    }

    @Test func `what the files say now is stored, and whether that is new`() async throws {
        try await APIFixture.with { api in
            let id = try await create(api, project(api, "shop"))
            _ = try await api.change(.put, "/api/apps/\(id)", #"{"name":"Mine","apiPort":7000}"#)
            let before = try #require(try apps(api).first)
            let same = try await api.post("/api/apps/\(id)/refresh-config")
            #expect(same.json["updated"] == .bool(false))
            #expect(try apps(api) == [before])
            _ = try project(api, "shop", port: 5580)
            let fresh = try await api.post("/api/apps/\(id)/refresh-config")
            #expect(fresh.json["success"] == .bool(true))
            #expect(fresh.json["updated"] == .bool(true))
            #expect(fresh.json["processes"]?.array?.first?["port"]?.integer == 5580)
            let app = try #require(try apps(api).first)
            #expect(fresh.json["app"] == app.stored)
            #expect(app.name == "Mine")
            #expect(app.record["uiPort"]?.integer == 5580)
            #expect(app.record["apiPort"]?.integer == 7000)
            #expect(app.record["createdAt"] == before.record["createdAt"])
        }
    }

    @Test func `files that can't be read empty nothing`() async throws {
        try await APIFixture.with { api in
            let folder = try project(api, "shop")
            let id = try await create(api, folder)
            let before = try apps(api)
            try folder.write("ecosystem.config.js", "module.exports = {")
            let broken = try await api.post("/api/apps/\(id)/refresh-config")
            #expect(broken.code == "CONFIG_UNREADABLE")
            #expect(broken.json["detail"]?.string?.contains("ecosystem.config.js:1") == true)
            try FileRemoval.remove(
                folder.appending("ecosystem.config.js"),
                folder.appending("Procfile"),
            )
            let empty = try await api.post("/api/apps/\(id)/refresh-config")
            #expect(empty.json["updated"] == .bool(false))
            try FileSystem.removeDirectory(folder)
            let gone = try await api.post("/api/apps/\(id)/refresh-config")
            #expect(gone.code == "FOLDER_GONE")
            #expect(try apps(api) == before)
        }
    }

    @Test func `a deleted app is stopped and forgotten`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            try AppRegistry(directory: api.directory).insert(
                RegisteredApp(
                    id: "1",
                    name: "a",
                    directory: "/projects/shop",
                    processes: [],
                    now: "",
                )
            )
            let answer = try await api.ask(
                .delete,
                "/api/apps/1",
                [.authorization: "Bearer \(APIFixture.token.text)"],
            )
            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
            #expect(answer.headers[.contentType] == nil)
            #expect(await api.supervision.requests == ["remove shop"])
            #expect(try apps(api).isEmpty)
            let again = try await api.change(.delete, "/api/apps/1")
            #expect(again.status == 404)
        }
    }

    @Test func `an app that can't be stopped stays`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            try AppRegistry(directory: api.directory).insert(
                RegisteredApp(
                    id: "1",
                    name: "a",
                    directory: "/projects/shop",
                    processes: [],
                    now: "",
                )
            )
            await api.supervision.refuse(.keeperFailed(shop.name, reason: "it is gone"))
            #expect(try await api.change(.delete, "/api/apps/1").status == 502)
            #expect(try apps(api).count == 1)
            // One that has ended meanwhile needn't be.
            await api.supervision.refuse(.unknownApp(shop.name))
            #expect(try await api.change(.delete, "/api/apps/1").status == 204)
            #expect(try apps(api).isEmpty)
        }
    }

    @Test func `a registry that can't be read is left as it is`() async throws {
        let shop = try SupervisedApp.make("shop", [.online])
        try await APIFixture.with([shop]) { api in
            let folder = try project(api, "other")
            let registry = AppRegistry(directory: api.directory)
            try api.directory.write("{", to: registry.path)
            let requests: [(HTTPRequest.Method, String, String)] = [
                (.post, "", #"{"repoPath":"\#(folder)"}"#), (.put, "/shop", "{}"),
                (.post, "/shop/archive", "{}"), (.delete, "/shop", ""),
            ]
            for (method, path, body) in requests {
                let answer = try await api.change(method, "/api/apps" + path, body)
                #expect(answer.status == 500)
                #expect(answer.json["detail"]?.string?.contains("apps.json") == true)
            }
            #expect(try api.directory.text(of: registry.path) == "{")
            #expect(await api.supervision.requests.isEmpty)
        }
    }

    @Test func `a client without a credential changes nothing`() async throws {
        try await APIFixture.with { api in
            let id = try await create(api, project(api, "shop"))
            let json: HTTPFields = [.contentType: "application/json"]
            for (method, path) in [
                (HTTPRequest.Method.post, ""), (.put, "/\(id)"), (.delete, "/\(id)"),
                (.post, "/\(id)/archive"), (.post, "/\(id)/refresh-config"),
            ] {
                let answer = try await api.ask(method, "/api/apps" + path, json, "{}")
                #expect(answer.status == 401)
            }
            #expect(try apps(api).count == 1)
        }
    }
}
