package import SystemPackage

/// The environment variables that make a child's runtimes trust our CA.
package enum RuntimeVariables {
    private struct Variable {
        let name: String
        let content: Content
        /// Where the user has set none of this name, the file of the first of these counts for it,
        /// which a runtime would read instead.
        let fallbacks: [String]
        /// Where the user has set one of these, ours stays away: it would win over theirs.
        let yieldsTo: [String]

        init(
            _ name: String,
            _ content: Content,
            fallbacks: [String] = [],
            yieldsTo: [String] = [],
        ) {
            self.name = name
            self.content = content
            self.fallbacks = fallbacks
            self.yieldsTo = yieldsTo
        }
    }

    private enum Content {
        /// Our CA alone, for variables that add to what a runtime trusts.
        case ca
        /// All roots, for variables that replace it.
        case bundle
        /// Nothing, unless the user has set it.
        case none
    }

    private static let openSSL = ["SSL_CERT_FILE", "NIX_SSL_CERT_FILE"]

    // Not here: PIP_CERT, because pip reads REQUESTS_CA_BUNDLE and the variable would win over
    // pip.conf; npm_config_cafile and its like, because npm is Node; JAVA_TOOL_OPTIONS, because
    // Java prints a line about it on every start.
    private static let all = [
        // Node and Bun.
        Variable("NODE_EXTRA_CA_CERTS", .ca),
        Variable("DENO_CERT", .ca),
        // OpenSSL, and with it Python's ssl, httpx, Ruby and PHP; also Go, .NET, uv, rustls.
        // A directory that the user has set is read beside the file.
        Variable("SSL_CERT_FILE", .bundle, fallbacks: openSSL),
        Variable("NIX_SSL_CERT_FILE", .none),
        // curl reads SSL_CERT_FILE too, but not with every TLS library.
        Variable("CURL_CA_BUNDLE", .bundle, fallbacks: openSSL, yieldsTo: ["SSL_CERT_DIR"]),
        // Python's requests and pip; they also read curl's variable.
        Variable("REQUESTS_CA_BUNDLE", .bundle, fallbacks: ["CURL_CA_BUNDLE"]),
        Variable("GIT_SSL_CAINFO", .bundle, yieldsTo: ["GIT_SSL_CAPATH"]),
        Variable("AWS_CA_BUNDLE", .bundle, fallbacks: ["REQUESTS_CA_BUNDLE"]),
        // gRPC's C core, which brings roots of its own otherwise.
        Variable("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", .bundle),
    ]

    /// What a child's variables are to be, also where the user has set them to a file.
    ///
    /// `including` gives the bundle that has the certificates of the user's file, too; nil where
    /// there can be none, and the variable then stays the user's. So does one that is set to nothing.
    /// Without a bundle (no system roots were found) the variables that replace a runtime's own
    /// roots stay unset, because ours alone would cut it off from the rest of the world.
    package static func values(
        ca: FilePath,
        bundle: FilePath?,
        environment: [String: String],
        including: (String) -> FilePath?,
    ) -> [String: String] {
        var values: [String: String] = [:]
        for variable in all where variable.yieldsTo.allSatisfy({ environment[$0] == nil }) {
            let users = ([variable.name] + variable.fallbacks).compactMap { environment[$0] }.first
            guard let users else {
                switch variable.content {
                case .ca: values[variable.name] = ca.string
                case .bundle: values[variable.name] = bundle?.string
                case .none: break
                }
                continue
            }
            if !users.isEmpty { values[variable.name] = including(users)?.string }
        }
        return values
    }
}
