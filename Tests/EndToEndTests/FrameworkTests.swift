import Foundation
import Testing

extension EndToEnd {
    /// Real servers that ignore `PORT`, started as their manuals say, behind a name at once.
    @Suite struct FrameworkTests {}
}

extension EndToEnd.FrameworkTests {
    struct Case: Sendable, CustomStringConvertible {
        let command: [String]
        var files: [String: String] = [:]
        /// Run to its end before the server starts.
        var preparation: [String] = []
        let expected: String

        var description: String { command.joined(separator: " ") }
    }

    static let cases = [
        Case(
            command: ["flask", "--app", "hello", "run"],
            files: [
                "hello.py": "import flask\napp = flask.Flask('x')\napp.get('/')(lambda: 'flask')"
            ],
            expected: "flask",
        ),
        Case(
            command: ["uvicorn", "--app-dir", Apps.folder, "fastapi_app:app"],
            expected: "fastapi",
        ),
        Case(
            command: ["python3", "manage.py", "runserver"],
            preparation: ["django-admin", "startproject", "mysite", "."],
            expected: "The install worked successfully",
        ),
        Case(
            command: ["mkdocs", "serve"],
            files: ["mkdocs.yml": "site_name: x\n", "docs/index.md": "# from mkdocs\n"],
            expected: "from mkdocs",
        ),
        Case(
            command: ["hugo", "server"],
            files: [
                "config.toml": "title = 'x'\n", "layouts/index.html": "from hugo",
            ],
            expected: "from hugo",
        ),
        Case(
            command: ["python3", "-m", "http.server"],
            files: ["index.html": "from http.server"],
            expected: "from http.server",
        ),
        Case(
            command: ["php", "-S", "localhost:18437"],
            files: ["index.php": "<?php echo 'from ' . 'php';"],
            expected: "from php",
        ),
        Case(
            command: ["jekyll", "serve"],
            files: ["_config.yml": "title: x\n", "index.html": "---\n---\nfrom jekyll"],
            expected: "from jekyll",
        ),
        Case(
            command: ["rails", "server"],
            files: [
                "bin/rails": """
                #!/usr/bin/env ruby
                APP_PATH = File.expand_path("../config/application", __dir__)
                require "rails/commands"
                """,
                "config/application.rb": """
                require "rails"
                require "action_controller/railtie"
                class Application < Rails::Application
                  config.eager_load = false
                  routes.append { root to: proc { [200, {}, ["from rails"]] } }
                end
                """,
                "config/environment.rb": """
                require_relative "application"
                Rails.application.initialize!
                """,
                "config.ru": """
                require_relative "config/environment"
                run Rails.application
                """,
                "tmp/pids/.keep": "",
            ],
            preparation: ["chmod", "+x", "bin/rails"],
            expected: "from rails",
        ),
        Case(
            command: ["streamlit", "run", "app.py", "--server.headless=true"],
            files: ["app.py": "import streamlit\nstreamlit.write('x')\n"],
            expected: "Streamlit",
        ),
        Case(
            command: ["npm", "run", "dev"],
            files: [
                "package.json": "{\"scripts\": {\"dev\": \"flask --app hello run\"}}",
                "hello.py": "import flask\napp = flask.Flask('x')\napp.get('/')(lambda: 'npm')",
            ],
            expected: "npm",
        ),
    ]

    @Test(arguments: cases)
    func `a server is reached without being told its port`(scenario: Case) async throws {
        try await Sandbox.with { sandbox in
            for (path, text) in scenario.files { try sandbox.write(text, to: path) }
            if !scenario.preparation.isEmpty {
                let result = try await sandbox.start(scenario.preparation).finished()
                try #require(result.status == 0, "\(result.talk)")
            }
            _ = try sandbox.start([Binary.path, "app"] + scenario.command)
            #expect(try await sandbox.answer(sandbox.url("app")).contains(scenario.expected))
        }
    }
}
