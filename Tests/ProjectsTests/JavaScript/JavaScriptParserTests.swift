import PortlessCore
import Testing

@testable import Projects

struct JavaScriptParserTests {
    @Test(arguments: [
        ("const a = 'x\n", 1, "this string is not closed on its line"),
        ("a;\n/* b", 2, "this comment is never closed"),
        ("a = `b${c", 1, "this template substitution is never closed"),
        ("\na = `b", 2, "this template literal is never closed"),
        ("a\\u{41", 1, "this escape sequence is never closed"),
        ("a = 12ab", 1, "\"12ab\" is not a number"),
        ("a = '\\u12'", 1, "this escape sequence is malformed"),
        ("a \u{1} b", 1, "\"\\u{1}\" has no meaning here"),
    ])
    func `text that is no JavaScript is an error with its line`(
        text: String,
        line: Int,
        reason: String,
    ) {
        let error = #expect(throws: SourceError.self) {
            try JavaScriptEvaluation.module(text)
        }
        #expect(error?.line == line)
        #expect(error?.reason == reason)
    }

    @Test(arguments: [
        ("const a = {\n  b: 1\n  c: 2\n};\nmodule.exports = 7;", 3),
        ("const = 5;\nmodule.exports = 7;", 1),
        ("foo(;\n)\nmodule.exports = 7;", 1),
        ("let x = [1, 2\nmodule.exports = 7;", 2),
    ])
    func `a statement that can't be read is reported, and the next one is read`(
        text: String,
        line: Int,
    ) throws {
        let module = try JavaScriptEvaluation.module(text)
        #expect(module.problems.first?.line == line)
    }

    @Test
    func `the statement after an unreadable one counts`() throws {
        let module = try JavaScriptEvaluation.module("const = 5;\nmodule.exports = 7;")
        #expect(module.exports.text == "7")
    }

    @Test(arguments: [
        ("[", 100_000), ("a = (", 50_000), ("!", 50_000), ("{", 50_000), ("a = `${", 50_000),
        ("var {a:", 50_000), ("1 + ", 20_000), ("b.", 20_000), ("b?.[0]", 20_000), ("f(", 20_000),
        ("() => ", 20_000), ("1 ? 2 : ", 20_000), ("if (1) ", 20_000), ("new ", 20_000),
    ])
    func `hostile nesting ends in an error, not in a crash`(part: String, count: Int) {
        let text = String(repeating: part, count: count)
        #expect(throws: Never.self) {
            do {
                _ = try JavaScriptEvaluation.module(text)
            } catch is SourceError {}
        }
    }

    @Test
    func `comments, strings and regular expressions hide what is in them`() throws {
        let text = """
            #!/usr/bin/env node
            // module.exports = 1;
            /* module.exports = 2; */
            const a = "module.exports = 3; // }";
            const b = /module.exports = 4; ['"`]/;
            const c = 8 / 2 / 1; // 'unclosed
            module.exports = c;
            """
        #expect(try JavaScriptEvaluation.exports(text).text == "4")
    }
}
