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
