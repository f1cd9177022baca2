import Testing

@testable import Runner

@Suite struct ServerCommandTests {
    @Test(arguments: [
        "vite", "FOO=1 vite dev", "npx next dev", "python -m http.server",
        "python3 -m http.server 80",
        "php -S localhost:8000 -t public", "node server.js", "/usr/bin/node --watch server",
        "python3 app.py", "ruby app.rb", "bun server.ts", "deno run -A main.ts", "tsx watch x.ts",
        "bin/rails server", "bundle exec rails s", "bundle exec puma -C x.rb", "npm run dev",
        "cd api && uvicorn main:app", "python manage.py runserver", "hugo server", "nodemon x.js",
    ])
    func `servers are known`(command: String) {
        #expect(ServerCommand.serves(command) { $0 == "dev" ? "vite" : nil })
    }

    @Test(arguments: [
        "vite build --watch", "tsc -w", "node node_modules/.bin/tsc -w", "npm run css",
        "redis-server",
        "node --test", "node -e 'x'", "python -m celery", "python -c 'x'", "php artisan queue:work",
        "php worker.php", "bundle exec rake jobs:work", "bin/rails runner x", "sleep 5",
        "npm run loop",
        "python manage.py rqworker", "node x.js > log", "bun run build", "esbuild x.js --watch",
    ])
    func `what serves nothing isn't taken for a server`(command: String) {
        #expect(!ServerCommand.serves(command) { $0 == "loop" ? "npm run loop" : nil })
    }
}
