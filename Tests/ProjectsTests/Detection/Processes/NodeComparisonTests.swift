import Foundation
import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

@testable import Projects

/// What is read from a configuration has to be what node gets by running it.
struct NodeComparisonTests {
    private static let node = ["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private static let program = """
        const results = {};
        (async () => {
          for (const file of process.argv.slice(1)) {
            try {
              process.chdir(require('path').dirname(file));
              const loaded = file.endsWith('.mjs') ? (await import(file)).default : require(file);
              results[file] = JSON.parse(JSON.stringify(loaded));
            } catch (error) { results[file] = { error: String(error) }; }
          }
          console.log(JSON.stringify(results));
        })();
        """

    @Test(.enabled(if: node != nil))
    func `every configuration of the corpus reads as node evaluates it`() throws {
        let files = FixtureCase.all.flatMap { fixture in
            PM2File.names.filter { $0.hasSuffix("js") || $0.hasSuffix(".json") }
                .map { fixture.directory.appending($0) }
                .filter { FileManager.default.fileExists(atPath: $0.string) }
        }
        let results = try evaluate(files)
        var compared = 0
        for file in files {
            let result = try #require(results[file.string])
            guard result["error"] == nil, let value = read(file) else { continue }
            #expect(value == result, "\(file)")
            compared += 1
        }
        #expect(compared >= 45)
    }

    /// Programs that are followed to their end, each by what it is about.
    private static let programs = [
        "const a = []; for (let i = 0; i < 3; i++) a.push(i * 2); module.exports = a;",
        "const a = []; for (const [k, v] of Object.entries({ x: 1, y: 2 })) a.push(k + v); module.exports = a;",
        "const a = []; for (const k in { x: 1, y: 2 }) a.push(k); for (const i in [7, 8]) a.push(i); module.exports = a;",
        "let n = 5, a = []; while (n-- > 0) { if (n === 3) continue; if (n === 1) break; a.push(n); } module.exports = a;",
        "let n = 0; do { n += 2 } while (n < 5); module.exports = [n, n++, n, ++n, n--, --n];",
        "const o = { a: { b: 1 } }; const p = o.a; p.b += 4; o.c = p; module.exports = o;",
        "const s = { p: 1 }; const l = [{ ...s, e: s }]; s.p = 2; module.exports = l;",
        "const l = [{ n: 1 }, { n: 2 }]; l.forEach((x, i) => { x.n += i; x.m = l.length; }); module.exports = l;",
        "const f = (x) => { switch (x) { case 1: return 'a'; case 2: case 3: return 'b'; default: return 'c'; } }; module.exports = [1, 2, 3, 4].map(f);",
        "const f = (x) => { let r = ''; switch (x) { case 1: r += 'a'; case 2: r += 'b'; break; default: r += 'c'; case 9: r += 'd'; } return r; }; module.exports = [1, 2, 3, 9].map(f);",
        "const f = () => { try { return 1 } finally { } }; const g = () => { try { throw new Error('x') } catch { return 2 } }; module.exports = [f(), g()];",
        "let v = 1; try { v = require('./missing.js').v; } catch (e) { v = 2; } finally { v += 10; } module.exports = v;",
        "function find(l) { for (const x of l) { if (x > 2) return x; } return -1; } module.exports = [find([1, 3, 5]), find([])];",
        "module.exports = [Array.from({ length: 3 }, (_, i) => i), Array.from([1, 2]), Array(2).fill(0), [...Array(2).keys()]];",
        "module.exports = [1, 2, 3].reduce((a, b) => a + b) + [1, 2].reduce((a, b) => a + b, 10);",
        "module.exports = ['a', 'b'].reduce((o, k, i) => ({ ...o, [k]: i }), {});",
        "module.exports = Object.fromEntries(Object.entries({ a: 1, b: 2 }).map(([k, v]) => [k.toUpperCase(), v * 2]));",
        "const { a = 1, b: { c = 2, ...d } = { e: 3 }, ...f } = { g: 4, h: 5 }; module.exports = { a, c, d, f };",
        "const [x, , y = 3, ...z] = [1, 2, undefined, 4, 5]; module.exports = { x, y, z };",
        "const o = { a: null }; module.exports = [o?.a?.b, o.x?.y.z, o.f?.(), o.a ?? 1, o.x?.[0] ?? 2].map((v) => v === undefined ? 'u' : v);",
        "const f = (a, ...r) => [a, r.length, ...r]; module.exports = f(1, ...[2, 3]);",
        "module.exports = [typeof 1, typeof 'a', typeof undefined, typeof {}, typeof (() => 1), typeof null];",
        "module.exports = [1 == '1', null == undefined, 0 == false, 'a' !== 'b', 'a' in { a: 1 }, NaN === NaN];",
        "const a = { x: 1, y: 2 }; delete a.x; a.z ??= 3; a.y ||= 4; a.y &&= 5; module.exports = a;",
        "const t = Object.assign({ a: 1 }, { b: 2 }, null, { a: 3 }); module.exports = [t, Object.keys(t), Object.values(t)];",
        "const l = [3, 1, 2]; module.exports = [l.slice(1), l.slice(-1), l.at(-1), l.includes(2), l.indexOf(9), l.find((x) => x < 3), l.some((x) => x > 2), l.every(Boolean), l.flatMap((x) => [x, x]), l.reverse(), l];",
        "const l = [1]; l.unshift(0); l[2] = 5; module.exports = [l, l.length];",
        "const prod = process.env.NODE_ENV === 'production'; module.exports = [prod, process.env.NODE_ENV !== 'test', prod ? 1 : 2];",
        "module.exports = [Math.max(1, 5, 3), Math.min(2, 1), Math.floor(2.7), Math.round(2.5), Math.abs(-3), Number.isInteger(5), isNaN(NaN)];",
        "exports.a = 1; const e = exports; e.b = 2; module.exports.c = 3;",
        "function f() { const c = { n: 0 }; return { up: () => { c.n += 1; return c.n; } }; } const k = f(); k.up(); module.exports = k.up();",
        "const o = { port: 1, make(x) { return { port: x }; } }; module.exports = o.make(7);",
        "const c = structuredClone({ a: [1] }); c.a.push(2); module.exports = c;",
        "let a = 1; { let a = 2; a++; } module.exports = a;",
        "module.exports = 'a-b-c'.split('-').concat(['d']).join('+') + ['x'.startsWith('x'), 'xy'.endsWith('y')];",
    ]

    @Test(.enabled(if: node != nil))
    func `programs come to what node makes of them`() throws {
        try TemporaryDirectory.with { folder in
            var files: [FilePath] = []
            for (index, program) in Self.programs.enumerated() {
                let file = folder.appending("program\(index).cjs")
                try AtomicFile.write(program.utf8, to: file)
                files.append(file)
            }
            let results = try evaluate(files)
            for (file, program) in zip(files, Self.programs) {
                let result = try #require(results[file.string])
                #expect(read(file) == result, "\(program)")
            }
        }
    }

    private func evaluate(_ files: [FilePath]) throws -> JSONValue {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.node))
        process.arguments = ["--preserve-symlinks", "-e", Self.program, "--"] + files.map(\.string)
        process.environment = ["HOME": "/home/me", "PATH": "/usr/bin"]
        let pipe = Foundation.Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONValue(parsing: Array(output))
    }

    /// Nil where something in the file is unresolved.
    private func read(_ file: FilePath) -> JSONValue? {
        let root = file.removingLastComponent()
        let evaluator = JavaScriptEvaluator(
            root: root.string,
            home: "/home/me",
            read: ProjectFiles.directory(root).read,
        )
        guard let name = file.lastComponent?.string, let module = try? evaluator.module(name),
            module.problems.isEmpty,
            !module.source.string(0..<module.source.bytes.count).contains("...process.env")
        else { return nil }
        return Self.json(module.exports.object?["default"] ?? module.exports)
    }

    private static func json(_ value: ConfigurationValue) -> JSONValue? {
        switch value.kind {
        case .null: return .null
        case .boolean(let value): return .bool(value)
        case .string(let text): return .string(text)
        case .number(let number): return .number(ConfigurationValue.text(of: number))
        case .array(let elements):
            let values = elements.map(json)
            return values.contains(nil) ? nil : .array(values.compactMap(\.self))
        case .object(let object):
            var members = JSONObject()
            // What JSON.stringify leaves out is left out here.
            for property in object.properties where !property.value.isUndefined {
                if property.value.isRegularExpression {
                    members[property.name] = .object([:])
                    continue
                }
                guard let value = json(property.value) else { return nil }
                members[property.name] = value
            }
            return object.gaps.isEmpty ? .object(members) : nil
        default: return nil
        }
    }
}

extension ConfigurationValue {
    fileprivate var isRegularExpression: Bool {
        problem?.reason == "this is a regular expression"
    }
}
