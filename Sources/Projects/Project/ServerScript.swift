/// Tells scripts that serve something from those that only build.
package enum ServerScript {
    private static let builders: Set = [
        "tsup", "tsc", "esbuild", "rollup", "babel", "swc", "unbuild", "pkgroll", "ncc",
        "microbundle",
    ]

    /// False for a script that begins with a compiler or bundler, which has nothing to be reached.
    package static func serves(_ text: String) -> Bool {
        let words = text.split(whereSeparator: \.isWhitespace)
        // `NODE_ENV=development tsc -w` begins with tsc.
        let first = words.first { !$0.contains("=") || $0.hasPrefix("/") } ?? ""
        let name = first.split(separator: "/").last ?? first
        return !builders.contains(String(name.filter { $0 != "\"" && $0 != "'" }))
    }
}
