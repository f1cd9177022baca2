/// The servers that don't read `PORT`.
///
/// Servers that do need no row: Next.js, Nuxt, Remix' own server, Gatsby, Docusaurus, Ember, Rails,
/// Express generators, `serve`, `http-server`. Neither do those that always need an address, such
/// as `php -S`. For all others the route follows the port that the process really listens on, so a
/// missing row costs only a moment.
extension Framework {
    static let all = [
        // JavaScript
        Framework("vite", except: ["build", "optimize"], options: viteOptions),
        Framework("vitepress", commands: ["", "dev"], options: viteOptions),
        Framework("vp", commands: ["", "dev", "serve", "preview"], options: viteOptions),
        Framework("react-router", commands: ["", "dev"], options: viteOptions),
        Framework("remix", commands: ["vite:dev"], options: viteOptions),
        Framework("rsbuild", except: ["build", "inspect"], options: [.port(or: "-p"), .host()]),
        Framework(
            "astro",
            commands: ["", "dev", "preview"],
            options: [.port(or: "-p"), .host()],
        ),
        Framework("ng", commands: ["serve", "s", "dev"], options: [.port(or: "-p"), .host()]),
        Framework("react-native", commands: ["", "start"], options: [.port(or: "-p"), .host()]),
        Framework(
            "expo",
            commands: ["", "start"],
            options: [
                .port(or: "-p"),
                // The kind of address, since Expo chooses the address itself in LAN mode.
                .host("--host", or: "-m", "--localhost", "--lan", "--tunnel"),
            ],
        ),
        Framework(
            "webpack",
            commands: ["serve", "server", "s"],
            options: [.port(or: "-p"), .host()],
        ),
        Framework("webpack-dev-server", options: [.port(or: "-p"), .host()]),
        Framework("vue-cli-service", commands: ["serve"], options: [.port(or: "-p"), .host()]),
        Framework("parcel", except: ["build", "watch"], options: [.port(or: "-p"), .host()]),
        Framework(
            "wrangler",
            commands: ["dev", "pages dev"],
            options: [.port(or: "-p"), .host("--ip")],
        ),
        Framework("storybook", commands: ["dev"], options: storybookOptions),
        Framework("start-storybook", options: storybookOptions),
        // Python
        Framework(
            "flask",
            commands: ["run"],
            flagsWithValues: ["-A", "--app", "-e", "--env-file"],
            options: [.port(or: "-p"), .host(or: "-h")],
        ),
        Framework("uvicorn", options: [.port(or: "--uds", "--fd"), .host(or: "--uds", "--fd")]),
        Framework("fastapi", commands: ["dev", "run"], options: [.port(), .host()]),
        Framework("hypercorn", options: [.address("--bind", or: "-b")]),
        Framework(
            "daphne",
            options: [.port(or: "-p", "-u", "-e"), .host("-b", or: "--bind", "-u", "-e")],
        ),
        // It reads PORT, but then listens on all addresses.
        Framework("gunicorn", options: [.address("--bind", or: "-b")]),
        Framework(
            "manage.py",
            "django-admin",
            "django",
            commands: ["runserver"],
            options: djangoOptions,
        ),
        Framework(
            "streamlit",
            commands: ["run", "hello"],
            options: [.port("--server.port"), .host("--server.address")],
        ),
        Framework("mkdocs", commands: ["serve"], options: [.address("--dev-addr", or: "-a")]),
        Framework(
            "http.server",
            options: [
                .standingAlone(
                    .port,
                    flagsWithValues: ["-b", "--bind", "-d", "--directory", "-p", "--protocol"],
                ),
                .host("--bind", or: "-b"),
            ],
        ),
        // Others
        Framework(
            "hugo",
            commands: ["server", "serve"],
            options: [.port(or: "-p"), .host("--bind")],
        ),
        Framework(
            "jekyll",
            commands: ["serve", "server", "s"],
            options: [.port(or: "-P"), .host(or: "-H")],
        ),
        Framework("artisan", commands: ["serve"], options: [.port(), .host()]),
        Framework(
            "trunk",
            commands: ["serve"],
            options: [.port(or: "-p"), .host("--address", or: "-a")],
        ),
        Framework(
            "mdbook",
            commands: ["serve"],
            options: [.port(or: "-p"), .host("--hostname", or: "-n")],
        ),
        Framework(
            "zola",
            commands: ["serve"],
            options: [.port(or: "-p"), .host("--interface", or: "-i")],
        ),
    ]

    private static let viteOptions: [ServerOption] = [
        .port(or: "-p"), .only("--strictPort", unless: "--port", "-p"), .host(),
    ]

    private static let storybookOptions: [ServerOption] = [
        .port(or: "-p", "--exact-port"), .host(or: "-h"),
    ]

    private static let djangoOptions: [ServerOption] = [
        .standingAlone(
            .address,
            flagsWithValues: ["--settings", "--pythonpath", "-v", "--verbosity"],
        )
    ]

    static func named(_ name: String) -> Framework? {
        byName[name]
    }

    private static let byName = Dictionary(
        all.flatMap { framework in framework.names.map { ($0, framework) } },
        uniquingKeysWith: { first, _ in first },
    )
}
