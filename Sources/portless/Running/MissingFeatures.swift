/// What the original can do and this version can't: asked for, it is refused rather than left out.
enum MissingFeatures {
    static func refuse(_ context: CommandContext) throws {
        let globals = context.globals
        let environment = context.environment
        func isSet(_ name: String) -> Bool {
            ["1", "true"].contains(environment[name]?.lowercased())
        }
        let wanted = [
            ("--lan", globals.lan, isSet("PORTLESS_LAN")),
            ("--funnel", globals.funnel, isSet("PORTLESS_FUNNEL")),
            ("--tailscale", globals.tailscale, isSet("PORTLESS_TAILSCALE")),
            ("--ngrok", globals.ngrok, isSet("PORTLESS_NGROK")),
        ]
        for (flag, isGiven, isInEnvironment) in wanted where isGiven || isInEnvironment {
            let variable = "PORTLESS_" + flag.dropFirst(2).uppercased()
            throw Failure(
                "\(isGiven ? flag : variable) is not in this version yet.",
                remedy: "Without it the app is reached from this machine.",
            )
        }
    }
}
