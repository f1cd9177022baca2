import Foundation

/// The small programs that the tests run behind names.
enum Apps {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Apps").path()

    static func path(_ name: String) -> String { "\(folder)/\(name)" }
}
