/// The texts of `--help` that belong to no command's type.
enum Help {
    static let main = """
        portless: names in place of ports for everything you run on this machine

        Usage:
          portless <name> <command…>            Run an app at https://<name>.localhost
          portless run [--name <name>] <command…>
                                                Same, under the project's own name
          portless                              Run the "dev" script of package.json, or of every
                                                package of a workspace, a Procfile, or "start"
          portless demo [--once]                See it work, without any app of yours

          portless list [--json]                Show what runs where
          portless get <name>                   Print an app's URL
          portless open [name]                  Open it in the browser
          portless qr [name]                    A QR code that opens it on a phone
          portless alias <name> <port>          Name something that runs elsewhere (a container)
          portless alias <name> https://localhost:<port> | unix:<path>
                                                The same over TLS, or at a Unix socket
          portless alias --remove <name>        Take that name back

          portless share <name> --ngrok         Give others an address of an app that runs
          portless share --list|--stop <name>   Show what is shared; end it

          portless ports [--json]               Show which app has which port, and who listens
          portless ports lease <app> <label>…   Give an app ports that no other app gets
          portless ports detect|check [<dir>]   What a project's files declare, and what is wrong
          portless ports explain|kill <port>    What is known of a port; end who listens there
          portless ports find <n>               Free blocks; `ports release <app>` gives one back
          portless apps [add <dir>]             The registered apps; register one
          portless apps set <app> --start on-request [--idle 30m]
                                                Start an app with its first request, stop it when idle

          portless up [<app>…] [--foreground]   Run what the project declares, in the background
          portless up --wait[=SECONDS] [--json] Return once every server answers
          portless run --detach <command…>      Run one command in the background
          portless wait <name>                  Wait until a name answers
          portless down|restart [<app>…]        End it; end and start it
          portless ps [--json]                  Show what runs in the background
          portless logs [-f] [-n N] [<process>] What it has written

          portless worktrees [--json]           The project's git worktrees, and what runs there
          portless env [--format <format>]      What an app is told: dotenv, json or shell
          portless env --write <file>           The same, in a file such as .env.local

          portless crashes [list]               Show what crashed, and why
          portless crashes on|off|clear         Record crashes; stop that; forget them
          portless crashes show|restart <id>    One crash with its last lines; start it again
          portless crashes patch|apply|discard <id>
                                                The patch that autofix has made for it
          portless crashes autofix [set|off]    The command that makes patches: set -- claude -p

          portless jobs run -- <command…>       Run a long command that survives this terminal
          portless jobs [list|show|logs|wait|stop|kill|prune]

          portless traffic [-n N] [<app>]       Show requests as they go through the proxy
          portless traffic --har <file> [<app>] Write them to a HAR file at Ctrl-C

          portless browser start|stop|status    A browser of its own, for agents and tests
          portless browser open <page>          Open an app or a URL in it
          portless browser screenshot [<page>]  Save what it shows as a PNG

          portless remote <user@host>           The names of a machine reached by SSH, here, too
          portless remote list|status           What is mirrored; --stop [<host>] ends it

          portless mcp [--allow-changes]        Serve agents the Model Context Protocol
          portless mcp install <program>        Tell Claude, Cursor, VS Code or Codex of it
          portless agents [--write]             What agents should know, for AGENTS.md

          portless server start|stop|status     The API on port 5555 (it also starts on first use)
          portless server cert                  Let it speak HTTPS, by Tailscale or our own CA
          portless dashboard                    Open its page in the browser, signed in

          portless proxy start [flags]          Start the proxy (it also starts on first use)
          portless proxy stop [-p <port>]       Stop it
          portless proxy restart                Let this version take its place, without a pause
          portless service install|status|uninstall
                                                Let the operating system start it, from boot on
          portless trust [--status]             Let this machine trust the certificates
          portless trust --phone                Let a phone trust them, by a QR code
          portless untrust                      Take that back
          portless hosts sync|clean             Put the names into the hosts file, or remove them
          portless dns install|status|uninstall Answer DNS for the names, for every program
          portless docker watch [on|off]        Names for the ports that containers publish
          portless docker run [<name>] -- <…>   A container that finds the names
          portless docker compose <…>           The same for a Compose project
          portless docker bridge [on|off]       Whether containers reach the proxy (Linux)
          portless config show|schema           Each setting and its origin; portless.json's schema
          portless prune [--force]              Remove routes whose owner is gone
          portless doctor [--json]              Look for what is wrong; changes nothing
          portless completions <shell>          What bash, zsh or fish completes all this by
          portless clean                        Undo everything Portless did to this machine

        Examples:
          portless myapp next dev               https://myapp.localhost
          portless api.myapp node server.js     https://api.myapp.localhost
          portless run vite                     https://<project>.localhost
          portless --name list node list.js     A name which is also a command

        Flags of a run, in front of the command:
          --force                               Take the name over from the app that has it
          --app-port <port>                     The port the app listens on
          --path <path> [--strip-path]          Only these paths of the name, such as /api
          --https-upstream [--insecure]         The app itself serves HTTPS
          --script <name>                       Another script of package.json than "dev"
          --kill-timeout <seconds>              How long it may take to end (10; 0: no limit)
          --detach [--wait=SECONDS] [--json]    In the background; returns when it answers
          --tailscale, --funnel, --ngrok, --cloudflare
                                                Share it: on the tailnet, or with everyone

        Flag of every command:
          --no-input                            Ask nothing, not even for a password

        Flags of `proxy start`:
          -p, --port <port>                     443, else 1355
          --no-tls                              Plain HTTP
          --tld <tld>                           In place of localhost; may be repeated
          --lan, --ip <address>                 Serve the local network, as name.local
          --wildcard                            any.name.localhost goes to name.localhost
          --cert <file> --key <file>            Your own certificate
          --foreground                          Stay in this terminal

        Environment:
          PORTLESS=0                            Run the command without Portless
          PORTLESS_STATE_DIR                    State files (~/.portless)
          PORTLESS_PORT, PORTLESS_HTTPS, PORTLESS_TLD, PORTLESS_WILDCARD,
          PORTLESS_LAN, PORTLESS_LAN_IP
                                                Settings of the proxy
          PORTLESS_APP_PORT                     As --app-port
          PORTLESS_PATH, PORTLESS_STRIP_PATH=1  As --path, --strip-path
          PORTLESS_BROWSER, PORTLESS_CDP_PORT, PORTLESS_CDP_HEALTH_PORT
                                                The managed browser's program and ports
          PORTLESS_DOCKER                       docker or podman, for `portless docker`
          PORTLESS_PREFIX                       What names get in front; empty for nothing
          PORTLESS_TAILSCALE=1, PORTLESS_FUNNEL=1, PORTLESS_NGROK=1, PORTLESS_CLOUDFLARE=1
                                                As those flags
          PORTLESS_SYNC_HOSTS=0                 Leave the hosts file alone
          PORTLESS_NO_INPUT=1                   As --no-input

          An app gets PORT, HOST, PORTLESS_URL, and the certificate authority
          in NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and their like; where it is shared,
          PORTLESS_TAILSCALE_URL, PORTLESS_NGROK_URL or PORTLESS_CLOUDFLARE_URL.

        Exit codes are in docs/exit-codes.md: 0 for success, 3 to 7 where a wait has failed, else 1.

        `portless <command> --help` tells more. A word of ours in front of a command which isn't its
        own is a name: `portless demo next dev` runs an app called demo.
        """

    static let run = """
        Run a command under the project's name.

        Usage: portless run [flags] [--] [command…]

        The name comes from --name, portless.json, package.json, the git root or the folder. In a
        linked git worktree the branch is put in front: https://branch.name.localhost. Without a
        command, the "dev" script of package.json runs, else "start".

        Flags:
          --name <name>        This name
          --prefix <word>      This in front of the name, in place of a worktree's branch
          --no-worktree        Nothing in front of the name
          --force              Take the name over from the app that has it
          --app-port <port>    The port the app listens on
          --detach             In the background, as `portless up`; returns when it answers
          --wait=SECONDS       With --detach: how long to wait for that (60)
          --json               With --detach: names, URLs, ports and what failed as JSON
          --help, -h           This text

        The command's own arguments are passed untouched.
        """
}
