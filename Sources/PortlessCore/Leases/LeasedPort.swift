/// One port of a lease and what it is for.
package struct LeasedPort: Hashable, Sendable {
    /// As it was written; labels that differ in case only are the same.
    package var label: String
    package var port: Port
    package var description: String?

    package init(label: String, port: Port, description: String? = nil) {
        self.label = label
        self.port = port
        self.description = description
    }
}
