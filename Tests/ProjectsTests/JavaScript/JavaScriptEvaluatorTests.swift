import PortlessCore
import Testing

@testable import Projects

struct JavaScriptEvaluatorTests {
    @Test(arguments: [
        ("5570", "5570"),
        ("0x15C2", "5570"),
        ("5_570", "5570"),
        ("0b11", "3"),
        ("1e3", "1000"),
        (".5 + .5", "1"),
        ("'a\\'b'", "\"a'b\""),
        ("\"\\u0041\\x42\\u{43}\"", "\"ABC\""),
        ("`port ${5000 + 1}`", "\"port 5001\""),
        ("`a${`b${'c'}`}`", "\"abc\""),
        ("5000 + 10 * 2", "5020"),
        ("(5000 + 10) * 2", "10020"),
        ("2 ** 3 ** 2", "512"),
        ("7 % 4", "3"),
        ("'50' + 70", "\"5070\""),
        ("+'5570'", "5570"),
        ("-1", "-1"),
        ("!0", "true"),
        ("1 < 2 ? 'a' : 'b'", "\"a\""),
        ("null ?? 3", "3"),
        ("0 ?? 3", "0"),
        ("0 || 3", "3"),
        ("'x' && 4", "4"),
        ("Number('5570')", "5570"),
        ("parseInt('5570abc', 10)", "5570"),
        ("String(5570)", "\"5570\""),
        ("(5570).toString()", "\"5570\""),
        ("' 5570 '.trim()", "\"5570\""),
        ("[1, 2][1]", "2"),
        ("[1, ...[2, 3]]", "[1,2,3]"),
        ("({ a: 1 }).a", "1"),
        ("({ 'a-b': 1 })['a-b']", "1"),
        ("({ a: { b: 2 } })?.a?.b", "2"),
        ("{ ...{ a: 1, b: 2 }, b: 3 }", "{\"a\":1,\"b\":3}"),
        ("{ ['a' + 'b']: 1, 5: 2 }", "{\"ab\":1,\"5\":2}"),
        ("Object.assign({}, { a: 1 }, { b: 2 })", "{\"a\":1,\"b\":2}"),
        ("Object.freeze({ a: 1 })", "{\"a\":1}"),
        (
            "['api', 'ui'].map((n, i) => ({ n, p: 5570 + i }))",
            "[{\"n\":\"api\",\"p\":5570},{\"n\":\"ui\",\"p\":5571}]",
        ),
        ("[0, 1, null].filter(Boolean)", "[1]"),
        ("Object.entries({ a: 1 })", "[[\"a\",1]]"),
        ("[1, 2].concat([3])", "[1,2,3]"),
        ("['a', 'b'].join('-')", "\"a-b\""),
        ("typeof 1", "\"number\""),
        ("(() => { const a = 1; return a + 1 })()", "2"),
        ("/[/'\"]+/g, 7", "7"),
    ])
    func `constant expressions have the value that JavaScript gives them`(
        expression: String,
        expected: String,
    ) throws {
        let written =
            expression.hasPrefix("{") || expression.hasPrefix("/") ? "(\(expression))" : expression
        #expect(try JavaScriptEvaluation.value(of: written) == expected)
    }

    @Test(arguments: [
        "process.env.PORT || 4420",
        "process.env.PORT ?? 4420",
        "Number(process.env.PORT) || 4420",
        "Number(process.env.PORT || 4420)",
        "parseInt(process.env.PORT || '4420', 10)",
        "parseInt(process.env['PORT'], 10) || 4420",
        "+(process.env.PORT ?? '4420')",
        "process.env.PORT ? Number(process.env.PORT) : 4420",
        "+process.env.PORT || 4_420",
    ])
    func `an environment variable with a default is the default, and known to be overridable`(
        expression: String
    ) throws {
        let value = try JavaScriptEvaluation.exports("module.exports = \(expression)")
        #expect(value.text == "4420")
        #expect(value.overriddenBy == "process.env.PORT")
    }

    @Test(arguments: [
        ("process.env.PORT", "process.env.PORT comes from the environment and has no default"),
        ("process.env.BASE + 1", "process.env.BASE comes from the environment and has no default"),
        ("missing", "\"missing\" is not defined in what was read"),
        ("require('get-port')()", "the package \"get-port\" is not read"),
        ("Math.random()", "the result of \"Math.random\" is only known when it runs"),
        (
            "process.env.TARGET === 'production' ? 80 : 3000",
            "which of the two values holds depends: process.env.TARGET comes from the environment and has no default",
        ),
        ("(() => {})().port", "\"port\" is read from what is not defined"),
        ("await import('./x.js')", "import() is only known when it runs"),
    ])
    func `what depends on the run is unresolved with a reason`(
        expression: String,
        reason: String,
    ) throws {
        #expect(try JavaScriptEvaluation.value(of: expression) == "?\(reason)")
    }

    @Test
    func `a value keeps the place and comment of its literal through every reference`() throws {
        let text = """
            // The ports.
            const PORTS = {
              API: 5570, // REST API
              /* the pages */
              UI: 5571,
            };
            const { UI: ui } = PORTS;
            module.exports = { api: PORTS.API, ui, text: `--port ${PORTS["UI"]}` };
            """
        let exports = try #require(try JavaScriptEvaluation.exports(text).object)
        let api = try #require(exports["api"])
        #expect(api.origin.line == 3)
        #expect(api.comment == "REST API")
        #expect(api.constant == "API")
        let ui = try #require(exports["ui"])
        #expect(ui.origin.line == 5)
        #expect(ui.comment == "the pages")
        let piece = try #require(exports["text"]?.pieces.first)
        #expect(piece.value.origin.line == 5)
        #expect(piece.range == 7..<11)
    }

    @Test
    func `siblings are read through require and import, JSON too`() throws {
        let text = """
            import path from 'node:path';
            import { PORTS as ports } from './ports.mjs';
            import data from './data.json' with { type: 'json' };
            const { base } = require('./lib');
            export default { api: ports.API, db: data.db, base, dir: path.join(__dirname, 'a', '..', 'b') };
            """
        let value = try JavaScriptEvaluation.exports(
            text,
            among: [
                "ports.mjs": "export const PORTS = { API: 1 };",
                "data.json": #"{"db": 2}"#,
                "lib/index.js": "exports.base = 3",
            ],
        )
        let expected = #"{"api":1,"db":2,"base":3,"dir":"/app/b"}"#
        #expect(JavaScriptEvaluation.json(try #require(value.object?["default"])) == expected)
    }

    @Test
    func `what an unknown loop, an unknown branch or a try sets is unknown afterwards`() throws {
        let text = """
            let a = 1, b = 2, c = 3, d = 4;
            for (const x of unknown()) { a = 2; }
            if (process.env.CI) b = 5;
            try { c = require('x'); } catch { }
            if (true) { d = 6 } else { d = 7 }
            module.exports = { a, b, c, d };
            """
        let object = try #require(try JavaScriptEvaluation.exports(text).object)
        #expect(object["a"]?.problem?.line == 2)
        #expect(object["b"]?.problem?.line == 3)
        #expect(object["c"]?.problem != nil)
        #expect(object["d"]?.text == "6")
    }

    @Test
    func `properties set later count`() throws {
        let text = """
            const env = {};
            env.PORT = 1; env['UI_PORT'] = 2;
            const apps = [];
            apps.push({ name: 'a', env });
            Object.assign(env, { X: 3 });
            module.exports.apps = apps;
            exports.env = env;
            """
        let expected =
            #"{"apps":[{"name":"a","env":{"PORT":1,"UI_PORT":2,"X":3}}],"env":{"PORT":1,"UI_PORT":2,"X":3}}"#
        #expect(JavaScriptEvaluation.json(try JavaScriptEvaluation.exports(text)) == expected)
    }

    @Test
    func `TypeScript's annotations are skipped`() throws {
        let text = """
            import { defineConfig, type UserConfig } from 'vite'
            import type { Foo } from './foo'
            interface Options { port: number; host?: string }
            type Name = 'a' | 'b'
            const port: number = 5173 as const
            const map: Record<string, { a: number }> = { a: { a: 1 } }
            function id<T>(x: T): T { return x }
            export default defineConfig(({ mode }): UserConfig => {
              const host = 'localhost'
              return { server: { port, host, strictPort: true } } satisfies UserConfig
            })
            """
        let module = try JavaScriptEvaluation.module(text, file: "vite.config.ts")
        let config = module.exports.object?["default"]?.object
        #expect(config?["server"]?.object?["port"]?.text == "5173")
    }

    @Test
    func `dotenv's variables are known once it is loaded`() throws {
        let text = """
            require('dotenv').config({ path: '.env.local' });
            module.exports = process.env.PORT || 3000;
            """
        let value = try JavaScriptEvaluation.exports(
            text,
            among: [".env.local": "A=1\nPORT=4000\n"],
        )
        #expect(value.text == "4000")
        #expect(value.origin.file == ".env.local")
        #expect(value.origin.line == 2)
    }

    @Test
    func `files that require one another and calls without end are cut short`() throws {
        let circle = try JavaScriptEvaluation.exports(
            "module.exports = { a: require('./b').x };",
            among: ["b.js": "module.exports = { x: require('./ecosystem.config.js') };"],
        )
        #expect(JavaScriptEvaluation.json(circle).contains("in a circle"))
        let endless = try JavaScriptEvaluation.exports("const f = () => f(); module.exports = f();")
        #expect(endless.problem?.reason == "this takes too much work to be read")
    }
}
