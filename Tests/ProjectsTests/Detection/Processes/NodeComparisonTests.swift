import Foundation
import HostSystem
import PortlessCore
import SystemPackage
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
