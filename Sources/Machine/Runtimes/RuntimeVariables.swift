package import SystemPackage

/// The environment variables by which a child's runtimes come to trust our CA.
package enum RuntimeVariables {
    private struct Variable {
        let name: String
        let content: Content
        /// Where the user has set one of these, ours stays away: it would win over theirs.
        let yieldsTo: [String]

        init(_ name: String, _ content: Content, yieldsTo: [String] = []) {
            self.name = name
            self.content = content
            self.yieldsTo = [name] + yieldsTo
        }
    }

    private enum Content {
        /// Our CA alone, for variables that add to what a runtime trusts.
        case ca
        /// All roots, for variables that replace it.
        case bundle
    }

    private static let openSSL = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NIX_SSL_CERT_FILE"]

    // Not here: PIP_CERT, because pip reads REQUESTS_CA_BUNDLE and the variable would win over
    // pip.conf; npm_config_cafile and its like, because npm is Node; JAVA_TOOL_OPTIONS, because
    // Java prints a line about it on every start.
    private static let all = [
        // Node and Bun.
        Variable("NODE_EXTRA_CA_CERTS", .ca),
        Variable("DENO_CERT", .ca),
        // OpenSSL, and with it Python's ssl, httpx, Ruby and PHP; also Go, .NET, uv, rustls.
        Variable("SSL_CERT_FILE", .bundle, yieldsTo: openSSL),
        // curl reads SSL_CERT_FILE too, but not with every TLS library.
        Variable("CURL_CA_BUNDLE", .bundle, yieldsTo: openSSL),
        // Python's requests and pip; they also read curl's variable.
        Variable("REQUESTS_CA_BUNDLE", .bundle, yieldsTo: ["CURL_CA_BUNDLE"]),
        Variable("GIT_SSL_CAINFO", .bundle, yieldsTo: ["GIT_SSL_CAPATH"]),
        Variable("AWS_CA_BUNDLE", .bundle, yieldsTo: ["REQUESTS_CA_BUNDLE"]),
        // gRPC's C core, which brings roots of its own otherwise.
        Variable("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", .bundle),
    ]

    /// What to add to a child's environment; nothing that the user has set, even to nothing.
    ///
    /// Without a bundle (no system roots were found) the variables that replace a runtime's own
    /// roots stay unset, because ours alone would cut it off from the rest of the world.
    package static func additions(
        ca: FilePath,
        bundle: FilePath?,
        environment: [String: String],
    ) -> [String: String] {
        var additions: [String: String] = [:]
        for variable in all where variable.yieldsTo.allSatisfy({ environment[$0] == nil }) {
            switch variable.content {
            case .ca: additions[variable.name] = ca.string
            case .bundle: additions[variable.name] = bundle?.string
            }
        }
        return additions
    }
}
