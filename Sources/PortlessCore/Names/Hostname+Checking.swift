extension Hostname {
    /// Like `init(_:)`, but tells what is wrong.
    package init(checking text: String) throws(NameError) {
        guard !text.isEmpty else { throw .empty }
        guard !text.contains("..") else { throw .consecutiveDots(text) }
        let labels = text.split(separator: ".")
        if let long = labels.first(where: { $0.utf8.count > DNSLabel.maximumLength }) {
            throw .labelTooLong(label: String(long))
        }
        guard text.utf8.count <= 253 else { throw .nameTooLong(text) }
        guard !text.hasSuffix("."), let hostname = Hostname(text) else { throw .invalid(text) }
        self = hostname
    }
}
