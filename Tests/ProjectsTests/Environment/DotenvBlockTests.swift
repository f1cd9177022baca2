import PortlessCore
import Testing

@testable import Projects

@Suite struct DotenvBlockTests {
    private let block = "\(DotenvBlock.begin)\nA=1\n\(DotenvBlock.end)\n"

    @Test(arguments: [
        ("", ""), ("X=2\n", "X=2\n\n"), ("X=2", "X=2\n\n"), ("\n", "\n\n"),
    ])
    func `the first one stands at the end`(text: String, before: String) throws {
        #expect(try DotenvBlock.replaced(in: text, by: ["A=1"]) == before + block)
    }

    @Test func `the next one takes its place, and all else stays`() throws {
        let text = "X=2\r\n# mine\n" + block + "\n  Y = 3"
        let changed = try DotenvBlock.replaced(in: text, by: ["B=2", "C=3"])
        #expect(
            changed
                == "X=2\r\n# mine\n\(DotenvBlock.begin)\nB=2\nC=3\n\(DotenvBlock.end)\n\n  Y = 3"
        )
        #expect(try DotenvBlock.replaced(in: changed, by: ["A=1"]) == text)
    }

    @Test func `an editor's line ends hide no block`() throws {
        let text = "X=2\r\n\(DotenvBlock.begin)\r\nA=1\r\n\(DotenvBlock.end)\r\nY=3\r\n"
        #expect(
            try DotenvBlock.replaced(in: text, by: ["B=2"])
                == "X=2\r\n\(DotenvBlock.begin)\nB=2\n\(DotenvBlock.end)\nY=3\r\n"
        )
    }

    @Test(arguments: [
        ["A", DotenvBlock.begin], [DotenvBlock.end], [DotenvBlock.end, DotenvBlock.begin],
        [DotenvBlock.begin, DotenvBlock.begin, DotenvBlock.end],
    ])
    func `a damaged one is named and left alone`(lines: [String]) {
        let text = lines.joined(separator: "\n")
        let line = lines.first == "A" ? 2 : 1
        #expect(throws: DotenvBlock.Damage(line: line)) {
            try DotenvBlock.replaced(in: text, by: [])
        }
    }

    @Test func `what Portless wrote declares no port`() {
        let text = "PORT=4010\n\(DotenvBlock.begin)\nPORT=4011\nAPI_PORT=4012\n\(DotenvBlock.end)\n"
        let detected = SmallProject.detect([
            "package.json": #"{"name": "a", "scripts": {"dev": "node server.js"}}"#, ".env": text,
        ])
        #expect(detected.processes.flatMap(\.ports).map(\.port) == [4010])
    }

    @Test func `each format quotes what means something in it`() {
        let variables = [
            "A": "plain", "B": "two words", "C": "it's", "D": "a\nb", "E": "$HOME \\ `x`", "F": "",
            "G.x": #"'"'"#, "URL": "postgres://u:p@localhost:5432/shop_a-b?x=1&y=%20",
        ]
        #expect(
            EnvironmentFormat.dotenv.lines(of: variables) == [
                "A=plain", "B='two words'", #"C="it's""#, #"D="a\nb""#, #"E='$HOME \ `x`'"#, "F=",
                #"G.x="'\"'""#, "URL=postgres://u:p@localhost:5432/shop_a-b?x=1&y=%20",
            ]
        )
        #expect(
            EnvironmentFormat.shell.lines(of: variables) == [
                "export A='plain'", "export B='two words'", #"export C='it'\''s'"#,
                "export D='a\nb'", #"export E='$HOME \ `x`'"#, "export F=''",
                "export URL='postgres://u:p@localhost:5432/shop_a-b?x=1&y=%20'",
            ]
        )
        let json = EnvironmentFormat.json.lines(of: variables).joined(separator: "\n")
        let object = try? JSONValue(parsing: json.utf8)
        #expect(object?["D"]?.string == "a\nb")
        #expect(object?.object?.members.count == variables.count)
    }
}
