import HTTPTypes
import Testing

@testable import Server

@Suite struct DashboardRoutesTests {
    private let files = DashboardFiles.embedded

    @Test func `the page may only load its own files, and is asked for again each time`()
        async throws
    {
        try await APIFixture.with { api in
            let page = try await api.get("/")
            #expect(page.status == 200)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
            #expect(page.headers[.cacheControl] == "no-cache")
            let policy = try #require(page.headers[.contentSecurityPolicy])
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("require-trusted-types-for 'script'"))
            #expect(!policy.contains("unsafe"))
            let tag = try #require(page.headers[.eTag])
            let again = try await api.get("/", [.ifNoneMatch: tag])
            #expect(again.status == 304)
            #expect(again.text == "")
        }
    }

    @Test func `files of this version are kept for good, and others aren't there`() async throws {
        try await APIFixture.with { api in
            let path = "/assets/\(files.version)/main.js"
            let script = try await api.get(path)
            #expect(script.status == 200)
            #expect(script.headers[.contentType] == "text/javascript; charset=utf-8")
            #expect(script.headers[.cacheControl] == "public, max-age=31536000, immutable")
            #expect(script.headers[.contentEncoding] == nil)
            #expect(script.text == files["main.js"]?.text)
            let head = try await api.ask(.head, path, [.acceptEncoding: "br, gzip"])
            #expect(head.headers[.contentEncoding] == "gzip")
            #expect(head.headers[.vary] == "Accept-Encoding")
            #expect(head.headers[.contentLength] == files["main.js"].map { "\($0.gzip.count)" })
            for missing in [
                "/assets/0/main.js", "/assets/\(files.version)/none.js",
                "/assets/\(files.version)/index.html", "/assets/\(files.version)/../main.js",
                "/assets/\(files.version)/", "/dashboard.js",
            ] {
                let answer = try await api.get(missing)
                #expect(answer.status == 404, "\(missing)")
            }
        }
    }

    @Test func `the first load is below 60 kB, compressed`() {
        // What the page doesn't name is loaded when it is needed.
        let page = files[DashboardFiles.page]?.text ?? ""
        let first = files.names.filter { $0 == DashboardFiles.page || page.contains("/\($0)\"") }
        #expect(first.count > 20)
        let size = first.compactMap { files[$0]?.gzip.count }.reduce(0, +)
        #expect(size < 60_000)
        #expect(size > 10_000)
    }

    @Test func `what is compressed is what is embedded`() throws {
        for name in files.names {
            let file = try #require(files[name])
            #expect(file.gzip.prefix(2) == [0x1F, 0x8B])
            // RFC 1952: the last four bytes are the length of the original.
            let length = file.gzip.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(length == file.text.utf8.count, "\(name)")
        }
    }

    @Test func `the page names every file, with the version and without inline code`() throws {
        let page = try #require(files["index.html"]?.text)
        let main = try #require(files["main.js"]?.text)
        for name in files.names where name != "index.html" {
            // One that is loaded later isn't asked for with the page.
            #expect(
                page.contains("\"/assets/\(files.version)/\(name)\"")
                    != main.contains("import(\"./\(name)\")"),
                "\(name)",
            )
        }
        #expect(!page.contains("<style"))
        #expect(!page.contains("style="))
        #expect(!page.contains("onclick="))
        #expect(
            page.split(separator: "<script").dropFirst().allSatisfy { $0.contains("></script>") }
        )
    }

    @Test func `modules import files that are there, and nothing turns text into markup`() throws {
        let sinks = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
        for name in files.names where name.hasSuffix(".js") {
            let text = try #require(files[name]?.text)
            for sink in sinks { #expect(!text.contains(sink), "\(name) uses \(sink)") }
            let folder = name.split(separator: "/").dropLast().map(String.init)
            for line in text.split(separator: "\n") where line.hasPrefix("import ") {
                let path = try #require(line.split(separator: "\"").dropFirst().first)
                var parts = folder
                for part in path.split(separator: "/") {
                    if part == ".." {
                        parts.removeLast()
                    } else if part != "." {
                        parts.append(String(part))
                    }
                }
                #expect(files[parts.joined(separator: "/")] != nil, "\(name) imports \(path)")
            }
        }
    }

    @Test(arguments: [
        ("/", "index.html"), ("/assets/main.js", "main.js"),
        ("/assets/views/apps.js", "views/apps.js"), ("/api/apps", nil), ("/session/abc", nil),
        ("/assetsmain.js", nil),
    ])
    func `the development server knows its files by their paths`(path: String, name: String?) {
        #expect(DashboardDevelopment.file(of: path) == name)
    }
}
