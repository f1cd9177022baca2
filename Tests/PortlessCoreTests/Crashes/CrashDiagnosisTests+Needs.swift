import PortlessCore

extension CrashDiagnosisTests {
    static let needs: [Case] = [
        // MARK: Modules
        Case(
            name: "node, module",
            output: """
                node:internal/modules/cjs/loader:1210
                  throw err;
                  ^

                Error: Cannot find module 'express'
                Require stack:
                - /src/shop/server.js
                    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15) {
                  code: 'MODULE_NOT_FOUND',
                  requireStack: [ '/src/shop/server.js' ]
                }

                Node.js v20.20.2
                """,
            kind: .moduleMissing,
            says: "The package express isn't installed.",
        ),
        Case(
            name: "node, package of a module",
            output: """
                Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'expresss' imported from /src/a.mjs
                    at packageResolve (node:internal/modules/esm/resolve:873:9) {
                  code: 'ERR_MODULE_NOT_FOUND'
                }
                """,
            kind: .moduleMissing,
            says: "The package expresss isn't installed.",
        ),
        Case(
            name: "node under npm, module",
            output: """
                Error: Cannot find module 'koa'
                npm error Lifecycle script `start` failed with error:
                npm error code 1
                npm error path /src/shop
                """,
            kind: .moduleMissing,
            says: "The package koa isn't installed.",
        ),
        Case(
            name: "python, module",
            output: """
                Traceback (most recent call last):
                  File "/src/app.py", line 1, in <module>
                    import flask
                ModuleNotFoundError: No module named 'flask'
                """,
            kind: .moduleMissing,
            says: "Python finds no module flask.",
        ),
        Case(
            name: "python -m, module",
            output: "/usr/bin/python3: No module named uvicorn",
            kind: .moduleMissing,
            says: "Python finds no module uvicorn.",
        ),
        Case(
            name: "ruby, library",
            output: """
                <internal:/usr/lib/ruby/vendor_ruby/rubygems/core_ext/kernel_require.rb>:85:in `require': cannot load such file -- sinatra (LoadError)
                \tfrom -e:1:in `<main>'
                """,
            kind: .moduleMissing,
            says: "Ruby finds no library sinatra.",
        ),
        Case(
            name: "bundler, gem",
            output: "Could not find gem 'puma' in locally installed gems.",
            code: 7,
            kind: .moduleMissing,
            says: "Ruby finds no library puma.",
        ),
        Case(
            name: "php, autoload",
            output: """
                PHP Warning:  require(vendor/autoload.php): Failed to open stream: No such file or directory in /src/r.php on line 1
                PHP Fatal error:  Uncaught Error: Failed opening required 'vendor/autoload.php' (include_path='.:/usr/share/php') in /src/r.php:1
                Stack trace:
                #0 {main}
                  thrown in /src/r.php on line 1
                """,
            code: 255,
            kind: .moduleMissing,
            says: "PHP finds no class or file vendor/autoload.php.",
        ),
        Case(
            name: "php, class",
            output:
                "PHP Fatal error:  Uncaught Error: Class \"Foo\\Bar\" not found in /src/c.php:1",
            code: 255,
            kind: .moduleMissing,
            says: "PHP finds no class or file Foo\\Bar.",
        ),
        Case(
            name: "go, package",
            output: """
                g/bad.go:2:8: cannot find package "github.com/nope/nope" in any of:
                \t/usr/lib/go-1.19/src/github.com/nope/nope (from $GOROOT)
                """,
            kind: .moduleMissing,
            says: "Go finds no package github.com/nope/nope.",
        ),
        Case(
            name: "java, class",
            output: """
                Error: Could not find or load main class com.shop.Main
                Caused by: java.lang.ClassNotFoundException: com.shop.Main
                """,
            kind: .moduleMissing,
            says: "Java finds no class com.shop.Main.",
        ),
        Case(
            name: "deno, module",
            output:
                "error: Module not found \"file:///src/nope.ts\".\n    at file:///src/main.ts:1:8",
            kind: .fileMissing,
            says: "file:///src/nope.ts isn't there.",
        ),
        Case(
            name: "bun, module",
            output:
                "error: Cannot find package 'hono' from '/src/index.ts'\n\nBun v1.2.2 (Linux x64)",
            kind: .moduleMissing,
            says: "The package hono isn't installed.",
        ),
        // MARK: Commands
        Case(
            name: "dash, command",
            output: "sh: 1: nosuchcmd: not found",
            code: 127,
            kind: .commandMissing,
            says: "The program nosuchcmd isn't installed, or isn't in PATH.",
        ),
        Case(
            name: "bash, command",
            output: "bash: line 1: nosuchcmd: command not found",
            code: 127,
            kind: .commandMissing,
            says: "The program nosuchcmd isn't installed, or isn't in PATH.",
        ),
        Case(
            name: "zsh, command",
            output: "zsh:1: command not found: nosuchcmd",
            code: 127,
            kind: .commandMissing,
            says: "The program nosuchcmd isn't installed, or isn't in PATH.",
        ),
        Case(
            name: "npm script, command",
            output: "\n> shop@1.0.0 dev\n> vite\n\nsh: 1: vite: not found",
            code: 127,
            kind: .commandMissing,
            says: "The program vite isn't installed, or isn't in PATH.",
        ),
        Case(
            name: "env, command",
            output: "/usr/bin/env: ‘bun’: No such file or directory",
            code: 127,
            kind: .commandMissing,
            says: "The program bun isn't installed, or isn't in PATH.",
        ),
        Case(
            name: "node, spawned command",
            output:
                "Error: spawn ffmpeg ENOENT\n    at ChildProcess._handle.onexit (node:internal/child_process:285:19)",
            kind: .commandMissing,
            says: "The program ffmpeg isn't installed, or isn't in PATH.",
        ),
        // MARK: Interpreters
        Case(
            name: "dash, interpreter or file",
            output: "sh: 1: ./run: not found",
            code: 127,
            kind: .interpreter,
            says: "./run isn't there, or the interpreter that its first line names isn't.",
            isCertain: false,
        ),
        Case(
            name: "bash, interpreter",
            output: "bash: line 1: ./run: cannot execute: required file not found",
            code: 127,
            kind: .interpreter,
            says: "The interpreter that ./run names in its first line isn't there.",
        ),
        Case(
            name: "dash, not executable",
            output: "sh: 1: ./run: Permission denied",
            code: 126,
            kind: .interpreter,
            says: "./run isn't executable.",
        ),
        Case(
            name: "bash, another machine's program",
            output: "bash: line 1: ./tool: cannot execute binary file: Exec format error",
            code: 126,
            kind: .interpreter,
            says: "./tool is no program for this machine.",
        ),
        // MARK: Files
        Case(
            name: "node, main file",
            output:
                "Error: Cannot find module '/src/nope.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1207:15)",
            kind: .fileMissing,
            says: "/src/nope.js isn't there.",
        ),
        Case(
            name: "node, file",
            output:
                "Error: ENOENT: no such file or directory, open 'config.json'\n    at Object.openSync (node:fs:573:18)",
            kind: .fileMissing,
            says: "config.json isn't there.",
        ),
        Case(
            name: "python, main file",
            output:
                "/usr/bin/python3: can't open file '/src/nope.py': [Errno 2] No such file or directory",
            code: 2,
            kind: .fileMissing,
            says: "/src/nope.py isn't there.",
        ),
        Case(
            name: "python, file",
            output: "FileNotFoundError: [Errno 2] No such file or directory: 'nope.json'",
            kind: .fileMissing,
            says: "nope.json isn't there.",
        ),
        Case(
            name: "ruby, main file",
            output: "ruby: No such file or directory -- nope.rb (LoadError)",
            kind: .fileMissing,
            says: "nope.rb isn't there.",
        ),
        Case(
            name: "php, main file",
            output: "Could not open input file: nope.php",
            kind: .fileMissing,
            says: "nope.php isn't there.",
        ),
        Case(
            name: "java, archive",
            output: "Error: Unable to access jarfile nope.jar",
            kind: .fileMissing,
            says: "nope.jar isn't there.",
        ),
        Case(
            name: "go, file",
            output: "2026/11/28 19:28:56 open nope.yaml: no such file or directory",
            kind: .fileMissing,
            says: "nope.yaml isn't there.",
        ),
        Case(
            name: "rust, file",
            output:
                "called `Result::unwrap()` on an `Err` value: Os { code: 2, kind: NotFound, message: \"No such file or directory\" }",
            code: 101,
            kind: .fileMissing,
            says: "A file isn't there; the output doesn't say which.",
            isCertain: false,
        ),
    ]
}
