import PortlessCore

extension CrashDiagnosisTests {
    static let connections: [Case] = [
        // MARK: Ports
        Case(
            name: "node, port taken",
            output: """
                node:events:502
                      throw er; // Unhandled 'error' event
                      ^

                Error: listen EADDRINUSE: address already in use :::3000
                    at Server.setupListenHandle [as _listen2] (node:net:1908:16)
                    at listenInCluster (node:net:1965:12) {
                  code: 'EADDRINUSE',
                  errno: -98,
                  syscall: 'listen',
                  address: '::',
                  port: 3000
                }

                Node.js v20.20.2
                """,
            kind: .portTaken,
            says: "Port 3000 is taken by node (4711).",
        ),
        Case(
            name: "old node, port taken",
            output:
                "Error: listen EADDRINUSE 127.0.0.1:3000\n    at exports._errnoException (util.js:893:11)",
            kind: .portTaken,
            says: "Port 3000 is taken by node (4711).",
        ),
        Case(
            name: "python, port taken",
            output: """
                  File "/usr/lib/python3.11/socketserver.py", line 472, in server_bind
                    self.socket.bind(self.server_address)
                OSError: [Errno 98] Address already in use
                """,
            kind: .portTaken,
            says: "A port that it wants is taken; the output doesn't say which.",
            isCertain: false,
        ),
        Case(
            name: "uvicorn, port taken",
            output: """
                ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use
                """,
            kind: .portTaken,
            says: "A port that it wants is taken; the output doesn't say which.",
            isCertain: false,
        ),
        Case(
            name: "django, port taken",
            output: "Error: That port is already in use.",
            kind: .portTaken,
            says: "A port that it wants is taken; the output doesn't say which.",
            isCertain: false,
        ),
        Case(
            name: "ruby, port taken",
            output: """
                -e:1:in `initialize': Address already in use - bind(2) for "127.0.0.1" port 4444 (Errno::EADDRINUSE)
                \tfrom -e:1:in `new'
                """,
            kind: .portTaken,
            says: "Port 4444 was taken when it started. Nothing listened there afterwards.",
        ),
        Case(
            name: "go, port taken",
            output: "2026/11/28 19:28:56 listen tcp 127.0.0.1:8080: bind: address already in use",
            kind: .portTaken,
            says: "Port 8080 was taken when it started. Nothing listened there afterwards.",
        ),
        Case(
            name: "php, port taken",
            output:
                "[Sat Nov 28 19:28:53 2026] Failed to listen on 127.0.0.1:3000 (reason: Address already in use)",
            kind: .portTaken,
            says: "Port 3000 is taken by node (4711).",
        ),
        Case(
            name: "java, port taken",
            output: """
                Exception in thread "main" java.net.BindException: Address already in use
                \tat java.base/sun.nio.ch.Net.bind0(Native Method)
                """,
            kind: .portTaken,
            says: "A port that it wants is taken; the output doesn't say which.",
            isCertain: false,
        ),
        Case(
            name: "spring boot, port taken",
            output: """
                ***************************
                APPLICATION FAILED TO START
                ***************************

                Description:

                Web server failed to start. Port 8080 was already in use.

                Action:

                Identify and stop the process that's listening on port 8080 or configure this application to listen on another port.
                """,
            kind: .portTaken,
            says: "Port 8080 was taken when it started. Nothing listened there afterwards.",
        ),
        Case(
            name: "rust, port taken",
            output: """
                thread 'main' (27302) panicked at r.rs:1:121:
                called `Result::unwrap()` on an `Err` value: Os { code: 98, kind: AddrInUse, message: "Address already in use" }
                note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
                """,
            code: 101,
            kind: .portTaken,
            says: "A port that it wants is taken; the output doesn't say which.",
            isCertain: false,
        ),
        Case(
            name: "deno, port taken",
            output: """
                error: Uncaught (in promise) AddrInUse: Address already in use (os error 98)
                    at Deno.serve (ext:deno_http/00_serve.ts:520:17)
                """,
            kind: .portTaken,
            says: "A port that it wants is taken; the output doesn't say which.",
            isCertain: false,
        ),
        Case(
            name: "bun, port taken",
            output: """
                1 | Bun.serve({ port: 1337, fetch: () => {} });
                    ^
                EADDRINUSE: Failed to start server. Is port 1337 in use?
                 syscall: "listen"

                      at /Users/ashcon/Desktop/code/example/taken.js:2:0
                """,
            kind: .portTaken,
            says: "Port 1337 was taken when it started. Nothing listened there afterwards.",
        ),
        Case(
            name: "vite, strict port",
            output:
                "Error: Port 3000 is already in use\n    at Server.onError (file:///x/dep-Dq2t6Dq0.js:45596:18)",
            kind: .portTaken,
            says: "Port 3000 is taken by node (4711).",
        ),
        // MARK: Connections
        Case(
            name: "node, PostgreSQL",
            output: """
                Error: connect ECONNREFUSED 127.0.0.1:5432
                    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
                Emitted 'error' event on Socket instance at: {
                  errno: -111,
                  code: 'ECONNREFUSED',
                  syscall: 'connect',
                  address: '127.0.0.1',
                  port: 5432
                }
                """,
            kind: .databaseDown,
            says: "It couldn't connect to 127.0.0.1:5432, the usual port of PostgreSQL.",
        ),
        Case(
            name: "psycopg, PostgreSQL",
            output: """
                psycopg2.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused
                \tIs the server running on that host and accepting TCP/IP connections?
                """,
            kind: .databaseDown,
            says: "It couldn't connect to port 5432, the usual port of PostgreSQL.",
        ),
        Case(
            name: "prisma, PostgreSQL",
            output: "Can't reach database server at `localhost:5432`",
            kind: .databaseDown,
            says: "It couldn't connect to localhost:5432, the usual port of PostgreSQL.",
        ),
        Case(
            name: "redis-py, Redis",
            output:
                "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
            kind: .databaseDown,
            says: "It couldn't connect to localhost:6379, the usual port of Redis.",
        ),
        Case(
            name: "mongoose, MongoDB",
            output:
                "MongooseServerSelectionError: connect ECONNREFUSED ::1:27017, connect ECONNREFUSED 127.0.0.1:27017",
            kind: .databaseDown,
            says: "It couldn't connect to ::1:27017, the usual port of MongoDB.",
        ),
        Case(
            name: "mysql2, MySQL",
            output: "Error: connect ECONNREFUSED 127.0.0.1:3306",
            kind: .databaseDown,
            says: "It couldn't connect to 127.0.0.1:3306, the usual port of MySQL.",
        ),
        Case(
            name: "go, another service",
            output: "2026/11/28 19:28:56 dial tcp 127.0.0.1:7070: connect: connection refused",
            kind: .connectionRefused,
            says: "It couldn't connect to 127.0.0.1:7070: nothing accepts connections there.",
        ),
        Case(
            name: "ruby, PostgreSQL",
            output:
                "-e:1:in `initialize': Connection refused - connect(2) for \"127.0.0.1\" port 5432 (Errno::ECONNREFUSED)",
            kind: .databaseDown,
            says: "It couldn't connect to port 5432, the usual port of PostgreSQL.",
        ),
        Case(
            name: "python, unknown address",
            output: "ConnectionRefusedError: [Errno 111] Connection refused",
            kind: .connectionRefused,
            says: """
                A connection was refused; the output doesn't say where. A database or another \
                service that it needs may not be running.
                """,
            isCertain: false,
        ),
        // MARK: Permissions
        Case(
            name: "node, port below 1024",
            output: "Error: listen EACCES: permission denied 0.0.0.0:80",
            kind: .permission,
            says: "It may not listen on port 80: ports below 1024 take an administrator.",
        ),
        Case(
            name: "go, port below 1024",
            output: "2026/11/28 19:28:56 listen tcp :80: bind: permission denied",
            kind: .permission,
            says: "It may not listen on port 80: ports below 1024 take an administrator.",
        ),
        Case(
            name: "node, file",
            output: "Error: EACCES: permission denied, open '/var/log/shop.log'",
            kind: .permission,
            says: "It has no permission for /var/log/shop.log.",
        ),
        Case(
            name: "python, file",
            output: "PermissionError: [Errno 13] Permission denied: '/var/log/shop.log'",
            kind: .permission,
            says: "It has no permission for /var/log/shop.log.",
        ),
        Case(
            name: "deno, permission",
            output:
                "error: Uncaught (in promise) NotCapable: Requires net access to \"0.0.0.0:8000\", run again with the --allow-net flag",
            kind: .permission,
            says:
                "Deno wasn't allowed what it needs: net access to \"0.0.0.0:8000\", run again with the --allow-net flag.",
        ),
    ]
}
