import HTTPTypes
import Hummingbird
import PortlessCore

/// What went wrong, as RFC 9457 has it, with the `error` and `code` that PortOS's clients read.
package struct Problem: Error, Equatable, Sendable {
    package var status: Int
    /// Stable, for programs.
    package var code: String
    /// One sentence that names the thing, then the remedy.
    package var detail: String

    package init(_ status: Int, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }
}
