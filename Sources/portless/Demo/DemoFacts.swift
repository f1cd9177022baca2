/// What the demo page tells about the request that asked for it.
struct DemoFacts: Equatable, Sendable {
    /// The name in the address bar.
    var host: String
    var scheme: String
    /// The port that the browser talked to, and the one that the app listens on.
    var publicPort: String
    var appPort: String
    var method: String
    /// How many proxies of ours the request has passed.
    var hops: String
    var client: String
    var processID: Int32
    var authority: DemoAuthority?

    /// `field` gives a header field of the request by its lower-case name.
    init(
        method: String,
        appPort: String,
        processID: Int32,
        authority: DemoAuthority?,
        field: (String) -> String?,
    ) {
        let authorityText = field("x-forwarded-host") ?? field("host") ?? "unknown"
        host = authorityText.split(separator: ":").first.map(String.init) ?? authorityText
        scheme = field("x-forwarded-proto") ?? "http"
        publicPort = field("x-forwarded-port") ?? appPort
        self.appPort = appPort
        self.method = method
        hops = field("x-portless-hops") ?? "0"
        client = field("x-forwarded-for") ?? "directly"
        self.processID = processID
        self.authority = authority
    }
}
