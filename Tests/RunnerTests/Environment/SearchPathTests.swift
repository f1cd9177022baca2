import SystemPackage
import Testing

@testable import Runner

struct SearchPathTests {
    @Test func `the nearest programs come first`() {
        let existing: Set<FilePath> = ["/w/app/node_modules/.bin", "/w/node_modules/.bin"]
        let path = SearchPath.withLocalPrograms(
            from: "/w/app/src",
            path: "/usr/bin:/bin",
            isDirectory: existing.contains,
        )
        #expect(path == "/w/app/node_modules/.bin:/w/node_modules/.bin:/usr/bin:/bin")
    }

    @Test func `the root folder is looked at too, and only once`() {
        var asked: [FilePath] = []
        let path = SearchPath.withLocalPrograms(from: "/a", path: nil) {
            asked.append($0)
            return false
        }
        #expect(asked == ["/a/node_modules/.bin", "/node_modules/.bin"])
        #expect(path.isEmpty)
    }
}
