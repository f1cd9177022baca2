import PortlessCore
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

    private func injected(_ command: String) -> String {
        let words = command.split(separator: " ").map { String($0) }
        return FlagInjection(port: 4321).applied(to: words) { scripts[$0] }
            .joined(separator: " ")
    }
}
