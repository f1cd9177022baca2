import PortlessCore
import Testing

@testable import Projects

struct FlagInjectionTests {
    /// One line for each row of the table, and for each command of it that differs.
    static let rows: [(String, String)] = [
        ("vite", "--port 4321 --strictPort --host 127.0.0.1"),
        ("vite preview", "--port 4321 --strictPort --host 127.0.0.1"),
        ("vitepress dev docs", "--port 4321 --strictPort --host 127.0.0.1"),
        ("vp dev", "--port 4321 --strictPort --host 127.0.0.1"),
        ("react-router dev", "--port 4321 --strictPort --host 127.0.0.1"),
        ("remix vite:dev", "--port 4321 --strictPort --host 127.0.0.1"),
        ("rsbuild dev", "--port 4321 --host 127.0.0.1"),
        ("astro dev", "--port 4321 --host 127.0.0.1"),
        ("ng serve", "--port 4321 --host 127.0.0.1"),
        ("react-native start", "--port 4321 --host 127.0.0.1"),
        ("expo start", "--port 4321 --host localhost"),
        ("expo serve", "--port 4321 --host localhost"),
        ("webpack serve", "--port 4321 --host 127.0.0.1"),
        ("webpack-dev-server", "--port 4321 --host 127.0.0.1"),
        ("vue-cli-service serve", "--port 4321 --host 127.0.0.1"),
        ("parcel index.html", "--port 4321 --host 127.0.0.1"),
        ("wrangler dev", "--port 4321 --ip 127.0.0.1"),
        ("wrangler pages dev public", "--port 4321 --ip 127.0.0.1"),
        ("storybook dev", "--port 4321 --host 127.0.0.1"),
        ("start-storybook", "--port 4321 --host 127.0.0.1"),
        ("flask run", "--port 4321 --host 127.0.0.1"),
        ("flask --app hello run", "--port 4321 --host 127.0.0.1"),
        ("uvicorn main:app --reload", "--port 4321 --host 127.0.0.1"),
        ("fastapi dev main.py", "--port 4321 --host 127.0.0.1"),
        ("hypercorn main:app", "--bind 127.0.0.1:4321"),
        ("daphne site.asgi:application", "--port 4321 -b 127.0.0.1"),
        ("gunicorn app:app", "--bind 127.0.0.1:4321"),
        ("./manage.py runserver", "127.0.0.1:4321"),
        ("python manage.py runserver --settings a.b", "127.0.0.1:4321"),
        ("django-admin runserver", "127.0.0.1:4321"),
        ("streamlit run app.py", "--server.port 4321 --server.address 127.0.0.1"),
        ("mkdocs serve", "--dev-addr 127.0.0.1:4321"),
        ("python3 -m http.server", "4321 --bind 127.0.0.1"),
        ("python3 -m http.server -d public", "4321 --bind 127.0.0.1"),
        ("hugo server -D", "--port 4321 --bind 127.0.0.1"),
        ("jekyll serve --livereload", "--port 4321 --host 127.0.0.1"),
        ("php artisan serve", "--port 4321 --host 127.0.0.1"),
        ("trunk serve", "--port 4321 --address 127.0.0.1"),
        ("mdbook serve", "--port 4321 --hostname 127.0.0.1"),
        ("zola serve", "--port 4321 --interface 127.0.0.1"),
    ]

    @Test(arguments: rows) func `a server is told where to listen`(command: String, added: String) {
        #expect(injected(command) == command + " " + added)
    }

    @Test(arguments: [
        "flask --app run shell", "flask -A run shell", "jekyll build -s s", "hugo new server",
    ])
    func `the value of an option is no command`(command: String) {
        #expect(injected(command) == command)
    }

    @Test func `every server of the table has a test`() {
        let tested = Self.rows.compactMap { row -> String? in
            guard case .program(let name, _) = CommandTarget(of: words(row.0)) else { return nil }
            return name
        }
        let untested = Framework.all.filter { $0.names.isDisjoint(with: tested) }
        #expect(untested.flatMap(\.names).isEmpty)
    }

    @Test(
        arguments: [
            "node server.js", "next dev", "vite build", "vite optimize", "vue-cli-service build",
            "ng build", "hugo", "hugo new site x", "flask shell", "mkdocs build", "ng",
            "python manage.py migrate", "php -S localhost:8000", "wrangler deploy", "astro build",
            "python -c print()", "sh -c vite",
            "astro", "react-router", "react-router build", "react-native", "vp", "vp build",
            "astro check", "npm exec vite build", "expo prebuild", "bundle install", "uv sync", "",
        ]
    )
    func `what serves nothing or reads PORT is left alone`(command: String) {
        #expect(injected(command) == command)
    }

    @Test(
        arguments: [
            ("vite --port 3000", "vite --port 3000 --host 127.0.0.1"),
            ("vite --port=3000", "vite --port=3000 --host 127.0.0.1"),
            ("vite -p 3000", "vite -p 3000 --host 127.0.0.1"),
            ("hugo server -p3000", "hugo server -p3000 --bind 127.0.0.1"),
            ("vite --host", "vite --host --port 4321 --strictPort"),
            ("vite --host=0.0.0.0 --port 1", "vite --host=0.0.0.0 --port 1"),
            ("flask run -h 0.0.0.0", "flask run -h 0.0.0.0 --port 4321"),
            ("gunicorn -b :80 app:app", "gunicorn -b :80 app:app"),
            ("mkdocs serve -a 0.0.0.0:1", "mkdocs serve -a 0.0.0.0:1"),
            ("uvicorn main:app --uds s", "uvicorn main:app --uds s"),
            ("./manage.py runserver 8000", "./manage.py runserver 8000"),
            ("./manage.py runserver [::]:80", "./manage.py runserver [::]:80"),
            ("python -m http.server 8000", "python -m http.server 8000 --bind 127.0.0.1"),
            ("python -m http.server 8000 -b ::1", "python -m http.server 8000 -b ::1"),
            ("jekyll serve -P 80", "jekyll serve -P 80 --host 127.0.0.1"),
            ("expo start --tunnel", "expo start --tunnel --port 4321"),
        ]
    )
    func `what the user says himself is kept`(command: String, result: String) {
        #expect(injected(command) == result)
    }

    @Test(
        arguments: [
            "npx vite", "npx --yes vite@latest", "npx -p vite vite", "bunx --bun vite", "pnpx vite",
            "yarn vite", "yarn dlx vite", "yarn exec vite", "pnpm vite", "pnpm dlx vite",
            "pnpm exec vite", "bun vite", "bun run vite", "bun x vite",
            "npm exec -- vite",
            "env NODE_ENV=development vite", "cross-env NODE_ENV=development vite",
            "NODE_ENV=development vite", "node_modules/.bin/vite", "node node_modules/.bin/vite",
        ]
    )
    func `a server is found behind what runs it`(command: String) {
        #expect(injected(command) == command + " --port 4321 --strictPort --host 127.0.0.1")
    }

    @Test(
        arguments: [
            ("npm exec vite", "npm exec vite -- "), ("npm x vite", "npm x vite -- "),
            ("npm exec --yes vite dev", "npm exec --yes vite dev -- "),
            ("npm exec vite -- --open", "npm exec vite -- --open "),
        ]
    )
    func `npm exec passes on what follows a --`(command: String, start: String) {
        #expect(injected(command) == start + "--port 4321 --strictPort --host 127.0.0.1")
    }

    @Test(
        arguments: [
            "bundle exec jekyll serve", "poetry run flask run", "pipenv run flask run",
            "uv run flask run", "uv run --with flask flask run", "python -m flask run",
            "python3.12 -u -m flask run", "uv run python -m flask run",
        ]
    )
    func `other languages have such runners too`(command: String) {
        #expect(injected(command) == command + " --port 4321 --host 127.0.0.1")
    }

    @Test func `flags go before what belongs to the script`() {
        #expect(
            injected("streamlit run app.py -- --port 1")
                == "streamlit run app.py --server.port 4321 --server.address 127.0.0.1 -- --port 1"
        )
    }

    @Test func `in LAN mode Expo chooses its host`() {
        let injection = FlagInjection(port: 4321, isLAN: true)
        #expect(injection.applied(to: ["expo", "start"]) == ["expo", "start", "--port", "4321"])
    }

    private func injected(_ command: String) -> String {
        FlagInjection(port: 4321).applied(to: words(command)).joined(separator: " ")
    }

    private func words(_ text: String) -> [String] {
        text.split(separator: " ").map { String($0) }
    }
}
