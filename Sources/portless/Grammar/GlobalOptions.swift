/// Flags that mean the same before every command.
struct GlobalOptions: Equatable, Sendable {
    var lan = false
    var lanAddress: String?
    var tailscale = false
    var funnel = false
    var ngrok = false
    /// The package.json script to run in place of `dev`.
    var script: String?

    static let names = ["--lan", "--ip", "--tailscale", "--funnel", "--ngrok", "--script"]

    /// Takes the flag that stands in front, if it is one of these.
    mutating func take(from reader: inout FlagReader) throws -> Bool {
        switch reader.flag {
        case "--lan":
            lan = true
        case "--ip", "--lan-ip-auto":
            lanAddress = try reader.value("an IP address")
            lan = true
        case "--tailscale":
            tailscale = true
        case "--funnel":
            funnel = true
            tailscale = true
        case "--ngrok":
            ngrok = true
        case "--script":
            script = try reader.value("the name of a package.json script")
        default:
            return false
        }
        reader.skip()
        return true
    }

    /// Takes all of them out of a subcommand's arguments, up to the first `--`.
    mutating func extract(from arguments: some Sequence<String>) throws -> [String] {
        var reader = FlagReader(arguments)
        var others: [String] = []
        while let argument = reader.next, argument != "--" {
            if try take(from: &reader) { continue }
            others.append(argument)
            reader.skip()
        }
        return others + reader.rest
    }
}
