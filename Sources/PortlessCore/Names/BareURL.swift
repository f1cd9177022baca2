/// A URL of scheme, host and port, the port left out where the scheme implies it.
package struct BareURL: Hashable, Sendable, CustomStringConvertible {
    package var usesTLS: Bool
    package var host: String
    package var port: Port

    package init(usesTLS: Bool, host: String, port: Port) {
        self.usesTLS = usesTLS
        self.host = host
        self.port = port
    }

    package var description: String {
        let isDefault = port == (usesTLS ? 443 : 80)
        return (usesTLS ? "https://" : "http://") + host + (isDefault ? "" : ":\(port)")
    }
}
