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
        Framework("vp", commands: ["dev", "preview"], options: viteOptions),
        Framework("react-router", commands: ["dev"], options: viteOptions),
        Framework("remix", commands: ["vite:dev"], options: viteOptions),
        Framework("rsbuild", except: ["build", "inspect"], options: [.port(or: "-p"), .host()]),
        Framework(
            "astro",
            commands: ["dev", "preview"],
            options: [.port(or: "-p"), .host()],
        ),
        Framework("ng", commands: ["serve", "s", "dev"], options: [.port(or: "-p"), .host()]),
        Framework("react-native", commands: ["start"], options: [.port(or: "-p"), .host()]),
        Framework(
            "expo",
            commands: ["", "start", "serve"],
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

/// The servers that read `PORT` or always need an address.
///
/// No flags are added to their command lines; their options only show where a command listens.
extension Framework {
    static let readingPORT = [
        // JavaScript
        Framework(
            "next",
            "nuxt",
            "nuxi",
            commands: ["", "dev", "start", "preview"],
            options: [.port(or: "-p")],
        ),
        Framework("gatsby", commands: ["develop", "serve"], options: [.port(or: "-p")]),
        Framework("docusaurus", commands: ["start", "serve"], options: [.port(or: "-p")]),
        Framework("ember", commands: ["serve", "server", "s"], options: [.port(or: "-p")]),
        Framework("vinxi", "solid-start", commands: ["dev", "start"], options: [.port()]),
        Framework("remix", commands: ["dev"], options: [.port(or: "-p")]),
        Framework("nest", commands: ["start"], options: []),
        Framework("nx", commands: ["serve", "dev"], options: [.port()]),
        Framework("vercel", commands: ["dev"], options: [.address("--listen", or: "-l", "-p")]),
        Framework("netlify", "ntl", commands: ["dev"], options: [.port(or: "-p")]),
        Framework("serve", options: [.address("--listen", or: "-l", "-p", "--port")]),
        Framework(
            "http-server",
            "json-server",
            "live-server",
            "remix-serve",
            "react-router-serve",
            "sirv",
            options: [.port(or: "-p")],
        ),
        Framework("deno", commands: ["serve"], options: [.port()]),
        // Ruby
        Framework("rails", commands: ["server", "s"], options: [.port(or: "-p")]),
        Framework(
            "puma",
            "falcon",
            options: [.port(or: "-p"), .address("--bind", or: "-b")],
        ),
        Framework("rackup", "thin", options: [.port(or: "-p")]),
        Framework("unicorn", options: [.port(or: "-p"), .address("--listen", or: "-l")]),
        Framework("middleman", commands: ["server", ""], options: [.port(or: "-p")]),
        Framework("bridgetown", commands: ["start"], options: [.port(or: "-P")]),
        // Python
        Framework("waitress-serve", options: [.port(), .address("--listen")]),
        Framework("granian", "robyn", options: [.port()]),
        Framework("sanic", options: [.port(or: "-p")]),
        Framework("aiohttp.web", options: [.port(or: "-P")]),
        Framework("jupyter", commands: ["lab", "notebook"], options: [.port()]),
        Framework("chainlit", commands: ["run"], options: [.port()]),
        Framework("litestar", commands: ["run"], options: [.port(or: "-p")]),
        // Others
        Framework("php", options: [.address("-S")]),
        Framework("dotnet", commands: ["run", "watch"], options: [.address("--urls")]),
        Framework(
            "caddy",
            commands: ["file-server", "reverse-proxy", "respond", "run"],
            options: [.address("--listen", or: "-l", "--from")],
        ),
    ]

    /// A server of this name in either table.
    static func known(_ name: String) -> Framework? {
        named(name) ?? readers[name]
    }

    private static let readers = Dictionary(
        readingPORT.flatMap { framework in framework.names.map { ($0, framework) } },
        uniquingKeysWith: { first, _ in first },
    )
}
