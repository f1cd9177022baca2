/// Why a keeper doesn't do what it was asked for.
struct KeeperRefusal: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
