/// Whether a word on the command line means a port, well written or not.
enum PortWord {
    /// `8080`, and slips of it such as `-8080`, `--8080`, `:8080`, `localhost:8080`, `8080,8081` and
    /// `8080-8090`.
    static func isLikely(_ word: String) -> Bool {
        let end = word.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        return end.contains(where: \.isNumber)
            && end.allSatisfy { $0.isNumber || "-+,".contains($0) }
    }
}
