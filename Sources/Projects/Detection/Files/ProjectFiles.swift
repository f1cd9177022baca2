/// Access to the files of one project, by paths relative to its directory.
package struct ProjectFiles: Sendable {
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var isDirectory: Bool

        package init(name: String, isDirectory: Bool) {
            self.name = name
            self.isDirectory = isDirectory
        }
    }

    /// A file's bytes; nil where there is no such file.
    package var read: @Sendable (String) throws -> [UInt8]?
    /// What a directory holds, not what its subdirectories hold.
    package var list: @Sendable (String) throws -> [Entry]

    package init(
        read: @escaping @Sendable (String) throws -> [UInt8]?,
        list: @escaping @Sendable (String) throws -> [Entry],
    ) {
        self.read = read
        self.list = list
    }
}
