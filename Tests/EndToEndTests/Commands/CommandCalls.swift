/// How each command of ``CommandList`` is called by the tests that try them all.
///
/// A new command needs an entry here, with arguments that change nothing if there are any.
enum CommandCalls {
    /// The calls that leave the state directory as it is.
    static let reading: [String: [[String]]] = [
        "list": [[], ["--json"]],
        "get": [["web"]],
        "open": [["db"]],
        "alias": [["--remove", "nothing-there"]],
        "ports": [[], ["--json"], ["--all"]],
        "ports lease": [["shop"]],
        "ports detect": [[], ["--json"]],
        "ports check": [[], ["--json"], ["--sarif"]],
        "ports explain": [["5555"], ["5555", "--json"]],
        "ports kill": [["1", "--yes"]],
        "ports find": [["2"], ["2", "--json"]],
        "ports release": [["nothing-there"]],
        "apps": [[], ["--json"]],
        "apps show": [["shop"], ["shop", "--json"]],
        "apps remove": [["nothing-there"]],
        "server status": [[], ["--json"]],
        "trust": [["--status"]],
        "hosts sync": [[]],
        "hosts clean": [[]],
        "doctor": [[], ["--json"]],
        "service": [[]],
        "service install": [[]],
        "service status": [[]],
        "service uninstall": [[]],
        "hosts": [[]],
        "browser": [[]],
        "browser status": [[], ["--json"]],
        "browser stop": [[]],
        "mcp": [[]],
        "mcp install": [["claude"]],
        "proxy": [[]],
        "server": [[]],
    ]

    /// The calls that start something or write, in an order that makes sense.
    static let changing: [(command: String, arguments: [[String]])] = [
        ("", [["web", "true"], []]),
        ("run", [["true"]]),
        ("alias", [["web", "5001"]]),
        ("ports lease", [["shop", "api"]]),
        ("apps add", [["."]]),
        ("proxy start", [[]]),
        ("up", [[]]),
        ("ps", [[], ["--json"]]),
        ("logs", [["-n", "5", "shop"]]),
        ("traffic", [["-n", "5", "shop"]]),
        ("restart", [["shop"]]),
        ("down", [["shop"]]),
        ("dashboard", [["--no-open"]]),
        ("server cert", [[]]),
        ("server start", [[]]),
        ("proxy restart", [[]]),
        ("demo", [["--once"]]),
        ("server stop", [[]]),
        ("proxy stop", [[]]),
        ("trust", [[]]),
        ("untrust", [[]]),
        ("prune", [[]]),
        ("clean", [[]]),
    ]

    static var all: Set<String> { Set(reading.keys).union(changing.map(\.command)) }
}
