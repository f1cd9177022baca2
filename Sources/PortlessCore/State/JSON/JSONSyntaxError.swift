/// Where a text stops being JSON.
package struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    package let line: Int
    package let column: Int
    package let reason: String

    package var description: String { "line \(line), column \(column): \(reason)" }
}
