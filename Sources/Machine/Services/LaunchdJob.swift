import PortlessCore
import SystemPackage

/// The property list of a service for launchd (launchd.plist(5)).
enum LaunchdJob {
    /// By which it is known as ours; a comment is no part of the list.
    static let mark =
        "<!-- Written by `portless service install`; `portless service uninstall` removes it. -->"

    /// The proxy's is the npm original's, too.
    static func label(_ daemon: ServiceJob.Daemon) -> String { "sh.portless.\(daemon.rawValue)" }

    static func text(of job: ServiceJob) throws(ServiceError) -> String {
        try job.refuseControlCharacters()
        var lines = [key("Label"), string(label(job.daemon))]
        lines += [key("ProgramArguments"), "<array>"]
        lines += ([job.program.string] + job.arguments).map { "    " + string($0) }
        lines += ["</array>", key("EnvironmentVariables"), "<dict>"]
        for (name, value) in job.environment.sorted(by: { $0.key < $1.key }) {
            lines += ["    " + key(name), "    " + string(value)]
        }
        lines.append("</dict>")
        if let user = job.user { lines += [key("UserName"), string(user)] }
        if !job.sockets.isEmpty { lines += sockets(job.sockets) }
        lines += [key("RunAtLoad"), "<true/>"]
        // As long as it isn't ended in order, as by `portless proxy stop`.
        lines += [key("KeepAlive"), "<dict>"]
        lines += ["    " + key("SuccessfulExit"), "    <false/>", "</dict>"]
        lines += [key("ThrottleInterval"), "<integer>2</integer>"]
        lines += [key("ExitTimeOut"), "<integer>10</integer>"]
        // Apps go on under their keepers.
        if job.daemon == .server { lines += [key("AbandonProcessGroup"), "<true/>"] }
        for output in ["StandardOutPath", "StandardErrorPath"] {
            lines += [key(output), string(job.log.string)]
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
            "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            \(mark)
            <plist version="1.0">
            <dict>
            \(lines.map { "    " + $0 }.joined(separator: "\n"))
            </dict>
            </plist>

            """
    }

    private static func sockets(_ sockets: [ServiceJob.Socket]) -> [String] {
        var lines = [key("Sockets"), "<dict>"]
        for socket in sockets {
            lines += ["    " + key(socket.name), "    <array>"]
            let nodes = socket.addresses.isEmpty ? [nil] : socket.addresses.map { Optional($0) }
            for node in nodes {
                lines.append("        <dict>")
                if let node {
                    lines += [key("SockNodeName"), string(node)].map { "            " + $0 }
                }
                lines += [key("SockServiceName"), string("\(socket.port)")]
                    .map { "            " + $0 }
                lines.append("        </dict>")
            }
            lines.append("    </array>")
        }
        return lines + ["</dict>"]
    }

    private static func key(_ text: String) -> String { "<key>\(escaped(text))</key>" }

    private static func string(_ text: String) -> String { "<string>\(escaped(text))</string>" }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(
            ">",
            with: "&gt;",
        )
    }
}

/// A property list as it was installed, as far as `service status` looks at it.
struct LaunchdPropertyList {
    private(set) var command: [String] = []
    private(set) var environment: [String: String] = [:]
    private(set) var hasSockets = false

    /// Only the top level's lists and dictionaries of texts matter; depth is counted, not followed.
    init(parsing text: String) {
        var rest = text[...]
        var depth = 0
        var topKey = ""
        var innerKey = ""
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...]
            if rest.hasPrefix("<!--") {
                guard let end = rest.firstRange(of: "-->") else { return }
                rest = rest[end.upperBound...]
                continue
            }
            guard let end = rest.firstIndex(of: ">") else { return }
            let tag = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            switch tag {
            case "dict", "array":
                depth += 1
                if depth == 2, topKey == "Sockets" { hasSockets = true }
            case "/dict", "/array":
                depth -= 1
            case "key", "string":
                let content = Self.unescaped(rest.prefix { $0 != "<" })
                if tag == "key", depth == 1 { topKey = content }
                if tag == "key", depth == 2 { innerKey = content }
                if tag == "string", depth == 2, topKey == "ProgramArguments" {
                    command.append(content)
                }
                if tag == "string", depth == 2, topKey == "EnvironmentVariables" {
                    environment[innerKey] = content
                }
            default: break
            }
        }
    }

    private static func unescaped(_ text: some StringProtocol) -> String {
        String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
            .replacing("&quot;", with: "\"").replacing("&apos;", with: "'")
            .replacing("&amp;", with: "&")
    }
}
