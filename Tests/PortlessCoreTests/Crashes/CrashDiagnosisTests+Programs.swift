import PortlessCore

extension CrashDiagnosisTests {
    static let programs: [Case] = [
        // MARK: Variables
        Case(
            name: "a variable in words",
            output:
                "Error: Missing required environment variable: DATABASE_URL\n    at [eval]:1:37",
            kind: .variableMissing,
            says: "The environment variable DATABASE_URL isn't set.",
        ),
        Case(
            name: "prisma, variable",
            output: "error: Environment variable not found: DATABASE_URL.\n  -->  schema.prisma:6",
            kind: .variableMissing,
            says: "The environment variable DATABASE_URL isn't set.",
        ),
        Case(
            name: "a variable that is set",
            output: "Error: environment variable HOME is required",
            kind: .variableMissing,
            says: "The output complains about the variable HOME, which is set.",
            isCertain: false,
        ),
        Case(
            name: "python, os.environ",
            output: """
                Traceback (most recent call last):
                  File "/src/app.py", line 3, in <module>
                    URL = os.environ["DATABASE_URL"]
                          ~~~~~~~~~~^^^^^^^^^^^^^^^^
                  File "<frozen os>", line 679, in __getitem__
                KeyError: 'DATABASE_URL'
                """,
            kind: .variableMissing,
            says: "The environment variable DATABASE_URL isn't set.",
        ),
        Case(
            name: "python, another dictionary",
            output: "KeyError: 'DATABASE_URL'",
            kind: .variableMissing,
            says: "DATABASE_URL may be an environment variable that isn't set.",
            isCertain: false,
        ),
        Case(
            name: "ruby, ENV.fetch",
            output:
                "-e:1:in `fetch': key not found: \"SECRET_KEY_BASE\" (KeyError)\n\tfrom -e:1:in `<main>'",
            kind: .variableMissing,
            says: "SECRET_KEY_BASE may be an environment variable that isn't set.",
            isCertain: false,
        ),
        Case(
            name: "rust, variable",
            output: "called `Result::unwrap()` on an `Err` value: NotPresent",
            code: 101,
            kind: .variableMissing,
            says: "An environment variable that it needs isn't set; the output doesn't say which.",
            isCertain: false,
        ),
        // MARK: Memory
        Case(
            name: "node, heap",
            output: """
                <--- JS stacktrace --->

                FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
                ----- Native stack trace -----

                 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
                """,
            code: 134,
            kind: .outOfMemory,
            says: "JavaScript's heap was full.",
        ),
        Case(
            name: "java, heap",
            output:
                "Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space\n\tat Oo.main(Oo.java:1)",
            kind: .outOfMemory,
            says: "It got no more memory.",
        ),
        Case(
            name: "python, memory",
            output:
                "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\nMemoryError",
            kind: .outOfMemory,
            says: "It got no more memory.",
        ),
        Case(
            name: "php, memory",
            output:
                "PHP Fatal error:  Allowed memory size of 2097152 bytes exhausted (tried to allocate 2097152 bytes) in Command line code on line 1",
            code: 255,
            kind: .outOfMemory,
            says: "It got no more memory.",
        ),
        Case(
            name: "go, memory",
            output: "fatal error: runtime: out of memory\n\nruntime stack:",
            code: 2,
            kind: .outOfMemory,
            says: "It got no more memory.",
        ),
        // MARK: Syntax
        Case(
            name: "node, syntax",
            output: """
                /src/s.js:1
                let x = ;
                        ^

                SyntaxError: Unexpected token ';'
                    at wrapSafe (node:internal/modules/cjs/loader:1464:18)

                Node.js v20.20.2
                """,
            kind: .syntax,
            says: "/src/s.js:1 has a syntax error: Unexpected token ';'.",
        ),
        Case(
            name: "python, syntax",
            output:
                "  File \"/src/app.py\", line 12\n    x = = 1\n        ^\nSyntaxError: invalid syntax",
            kind: .syntax,
            says: "/src/app.py:12 has a syntax error: invalid syntax.",
        ),
        Case(
            name: "ruby, syntax",
            output: "s.rb:1: syntax error, unexpected end-of-input, expecting ')'\ndef x(\n      ^",
            kind: .syntax,
            says: "s.rb:1 has a syntax error: unexpected end-of-input, expecting ')'.",
        ),
        Case(
            name: "php, syntax",
            output:
                "PHP Parse error:  syntax error, unexpected token \";\" in /src/s.php on line 1",
            code: 255,
            kind: .syntax,
            says:
                "/src/s.php:1 has a syntax error: unexpected token \";\" in /src/s.php on line 1.",
        ),
        // MARK: No cause
        Case(
            name: "words that name no cause",
            output: "Server started\nDone with 12 jobs",
            kind: .unknown,
            says: "It exited with code 1, and its output names no cause that is known here.",
            isCertain: false,
        ),
        Case(
            name: "vite takes the next port, then dies of something else",
            output: "Port 3000 is in use, trying another one...\npanic: boom",
            kind: .unknown,
            says: "It exited with code 1, and its output names no cause that is known here.",
            isCertain: false,
        ),
        Case(
            name: "data that isn't JSON",
            output: "SyntaxError: Unexpected token '<', \"<html>\" is not valid JSON",
            kind: .unknown,
            says: "It exited with code 1, and its output names no cause that is known here.",
            isCertain: false,
        ),
    ]
}
