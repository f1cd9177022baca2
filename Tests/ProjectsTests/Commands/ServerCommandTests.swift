import Testing

@testable import Projects

@Suite struct ServerCommandTests {
    @Test(arguments: [
        "vite", "FOO=1 vite dev", "npx next dev", "python -m http.server",
        "python3 -m http.server 80",
        "php -S localhost:8000 -t public", "node server.js", "/usr/bin/node --watch server",
        "python3 app.py", "ruby app.rb", "bun server.ts", "deno run -A main.ts", "tsx watch x.ts",
        "bin/rails server", "bundle exec rails s", "bundle exec puma -C x.rb", "npm run dev",
        "node server.js;", "vite & node build.mjs", "sh -c \"exec gunicorn app:app\"",
        "dotenv -e .env -- next dev", "env-cmd -f .env.local vite", "npm --prefix web run dev",
        "pnpm --filter @m/web dev", "yarn workspace web start", "./bin/server --port 3000",
        "cd api && uvicorn main:app", "python manage.py runserver", "hugo server", "nodemon x.js",
    ])
    func `servers are known`(command: String) {
        #expect(ServerCommand.serves(command, in: .having(["dev": "vite"])) == true)
    }

    @Test(arguments: [
        "vite build --watch", "tsc -w", "node node_modules/.bin/tsc -w", "npm run css",
        "redis-server",
        "node --test", "node -e 'x'", "python -m celery", "python -c 'x'", "php artisan queue:work",
        "php worker.php", "bundle exec rake jobs:work", "bin/rails runner x", "sleep 5",
        "npm run loop", "redis-server --port 1", "psql --port 5433", "npm --prefix web run build",
        "python manage.py rqworker", "node x.js > log", "bun run build", "esbuild x.js --watch",
    ])
    func `what serves nothing isn't taken for a server`(command: String) {
        #expect(ServerCommand.serves(command, in: .having(["loop": "npm run loop"])) != true)
    }

    @Test(
        arguments: [
            ("npm --prefix web run go", true), ("cd web && npm run go", true),
            ("(cd web; npm run go)", true), ("bash -c 'cd web && npm run go'", true),
            ("npm --prefix web run y", false), ("npm run go", nil), ("(cd web); npm run go", nil),
            ("env -C web npm run go", true), ("pnpm -C web go", true),
            ("npm --prefix a run a", nil),
        ] as [(String, Bool?)]
    )
    func `a script of another package is read there`(command: String, serves: Bool?) {
        let folder = CommandFolder.having(
            ["go": "./x"],
            beside: ["web": ["go": "vite", "y": "tsc -w"], "a": ["a": "npm run a"]],
        )
        #expect(ServerCommand.serves(command, in: folder) == serves)
    }

    @Test(arguments: [
        ("vite", true), ("next dev", true), ("tsc -w", false), ("NODE_ENV=x tsup --watch", false),
        ("./node_modules/.bin/rollup -c", false), ("node tsc.js", true),
    ])
    func `compilers serve nothing`(script: String, serves: Bool) {
        #expect((ServerCommand.serves(script) ?? true) == serves)
    }

    @Test(arguments: [
        ("worker", true), ("email-worker", true), ("worker_high", true), ("clock", true),
        ("jobs2", true), ("api", false), ("queue-api", false), ("ui", false),
    ])
    func `helpers are known by their names`(name: String, isHelper: Bool) {
        #expect(ServerCommand.isNamedLikeHelper(name) == isHelper)
    }

    @Test(
        arguments: [
            ("web", "sleep 5", true), ("x", "run --port $PORT", true),
            ("worker", "node w.js", false),
            ("worker", "node w.js ${PORT}", true), ("api", "./bin/api", true),
            ("x", "./bin/x", nil),
            ("ui", "tsc -w", false), ("x", "tsc && node dist/x.js", true),
            ("x", "tsc -w > log", false), ("x", "vite build --watch", nil), ("x", "parcel", true),
        ] as [(String, String, Bool?)]
    )
    func `the command and the name tell together`(name: String, command: String, serves: Bool?) {
        #expect(ServerCommand.serves(command, named: name) == serves)
    }
}
