package import PortlessCore

/// A number to be replaced in a file of a project.
package struct PortEdit: Hashable, Sendable {
    /// Relative to the project's folder.
    package var file: String
    package var line: Int
    /// The number's own bytes, quotes and whatever else stands around it left out.
    package var range: Range<Int>
    package var old: Port
    package var new: Port
}

extension [PortEdit] {
    /// The file's bytes with all of the edits in it.
    func applied(to bytes: [UInt8], of file: String) -> [UInt8] {
        var result = bytes
        // From the end, so that the places in front stay where they are.
        let own = filter { $0.file == file }.sorted { $0.range.lowerBound > $1.range.lowerBound }
        for edit in own { result.replaceSubrange(edit.range, with: edit.new.description.utf8) }
        return result
    }
}
