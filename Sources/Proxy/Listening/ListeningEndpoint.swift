/// A place where the proxy accepts connections.
package struct ListeningEndpoint: Sendable {
    package enum Source: Sendable {
        /// An address to bind; port 0 lets the system choose.
        case address(host: String, port: Int)
        /// A socket that somebody with more rights bound already (`LISTEN_FDS`, a restart).
        case descriptor(Int32)
    }

    package var source: Source
    /// Answers plain HTTP with a redirect to HTTPS, whatever is asked.
    package var isRedirectOnly: Bool

    package init(_ source: Source, isRedirectOnly: Bool = false) {
        self.source = source
        self.isRedirectOnly = isRedirectOnly
    }
}
