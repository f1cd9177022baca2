import PortlessCore
import Testing

@testable import Projects

@Suite struct CommandTextTests {
    @Test(arguments: [
        ("vite", ["vite"]), ("node  server.js -p 3", ["node", "server.js", "-p", "3"]),
    ])
    func `plain commands are run without a shell`(text: String, words: [String]) {
        #expect(CommandText.words(text) == words)
    }

    @Test(arguments: [
        "PORT=3 node x", "node x $PORT", "a && b", "exec node x", "cd app", "node 'a b'", "ls *.js",
        "",
    ])
    func `what a shell has to read is read by one`(text: String) {
        #expect(CommandText.words(text) == ["sh", "-c", text])
    }
}
