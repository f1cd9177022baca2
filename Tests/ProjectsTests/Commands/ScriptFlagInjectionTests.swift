import PortlessCore
import SystemPackage
import Testing

@testable import Projects

/// Flags that reach a server through the scripts of package.json.
struct ScriptFlagInjectionTests {
    private let scripts = [
        "dev": "vite",
        "start": "NODE_ENV=development vite --host",
        "built": "tsc -b && vite",
        "fixed": "vite --port 3000 --host 0.0.0.0",
        "next": "next dev",
        "outer": "npm run dev",
        "outer-pnpm": "pnpm dev --open",
        "loop": "npm run loop",
        "piped": "vite | tee log",
        "logged": "vite > log",
        "quoted": "cross-env TITLE='a && b' vite --open \"/x y\"",
        "background": "vite &",
        "django": "python manage.py runserver",
        "ends": "streamlit run app.py -- x",
    ]
    private let flags = "--port 4321 --strictPort --host 127.0.0.1"

    @Test(
        arguments: [
            ("npm run dev", "-- "), ("npm run-script dev", "-- "), ("npm run -s dev", "-- "),
            ("npm run dev -- --open", ""), ("npm run built", "-- "), ("npm run quoted", "-- "),
            ("pnpm run dev", ""), ("pnpm dev", ""), ("yarn dev", ""), ("yarn run dev", ""),
            ("bun run dev", ""), ("bun --bun run dev", ""), ("bun dev", ""),
            ("npm run outer", "-- -- "), ("npm run outer-pnpm", "-- "), ("pnpm outer", "-- "),
        ]
    )
    func `each package manager hands them on in its way`(command: String, before: String) {
        #expect(injected(command) == "\(command) \(before)\(flags)")
    }

    @Test func `npm start is a script too, which may say some of it itself`() {
        #expect(injected("npm start") == "npm start -- --port 4321 --strictPort")
        #expect(injected("npm run django") == "npm run django -- 127.0.0.1:4321")
    }

    @Test(
        arguments: [
            "npm run fixed", "npm run next", "npm run loop", "npm run piped", "npm run logged",
            "npm run background", "npm run missing", "npm run", "npm install", "npm run ends",
            "npm run dev --workspace web", "npm --prefix web run dev", "npm run -w web dev",
            "pnpm --filter web dev", "pnpm -C web dev", "pnpm -r dev", "yarn --cwd web dev",
            "npm run dev -- --port 3000 --host",
        ]
    )
    func `where flags would not arrive, none are added`(command: String) {
        #expect(injected(command) == command)
    }

    @Test(
        arguments: [
            ("npm --prefix web start", "-- "), ("npm run start --prefix=web", "-- "),
            ("pnpm -C web start", ""), ("yarn --cwd web start", ""), ("bun --cwd web start", ""),
            ("npm run to-web", "-- -- "), ("npm --prefix web/app run back", "-- -- "),
        ]
    )
    func `they reach a server of another package`(command: String, before: String) {
        let folder = CommandFolder.having(
            ["to-web": "cd web && npm start", "dev": "vite"],
            beside: ["web": ["start": "vite"], "web/app": ["back": "npm --prefix ../.. run dev"]],
        )
        let words = command.split(separator: " ").map { String($0) }
        let given = FlagInjection(port: 4321).applied(to: words, in: folder)
        #expect(given.joined(separator: " ") == "\(command) \(before)\(flags)")
    }

    private func injected(_ command: String) -> String {
        let words = command.split(separator: " ").map { String($0) }
        return FlagInjection(port: 4321).applied(to: words, in: .having(scripts))
            .joined(separator: " ")
    }
}

extension CommandFolder {
    /// A folder whose package.json has these scripts, beside packages in folders of these names.
    static func having(
        _ scripts: [String: String],
        beside others: [String: [String: String]] = [:],
    ) -> CommandFolder {
        let place = SourceLocation(file: "package.json", line: 1)
        let packages = ProjectPackages(root: "") { path in
            guard let scripts = path.isEmpty ? scripts : others[path.string] else { return nil }
            var list = ConfigurationObject()
            for (name, text) in scripts {
                list[name] = ConfigurationValue(.string(text), at: place)
            }
            var object = ConfigurationObject()
            object["scripts"] = ConfigurationValue(.object(list), at: place)
            return PackageManifest(object)
        }
        return CommandFolder("", packages)
    }
}
