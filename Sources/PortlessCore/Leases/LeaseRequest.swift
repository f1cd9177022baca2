/// A label that an app wants a port for, as it is written on the command line.
package struct LeaseRequest: Hashable, Sendable {
    package var label: String
    package var description: String?

    package init(label: String, description: String? = nil) throws(LeaseError) {
        guard Label(label) != nil else { throw .invalidLabel(label) }
        guard !PortLabels.isReserved(label) else { throw .reservedLabel(label) }
        self.label = label
        self.description = description.flatMap { $0.trimmingBlanks.isEmpty ? nil : $0 }
    }

    /// Reads `api` or `api:REST API server`.
    package init(parsing text: some StringProtocol) throws(LeaseError) {
        guard let colon = text.firstIndex(of: ":") else {
            try self.init(label: text.trimmingBlanks)
            return
        }
        let description = text[text.index(after: colon)...].trimmingBlanks
        try self.init(label: text[..<colon].trimmingBlanks, description: description)
    }
}
