import CLibrary

/// Looks again and again until `condition` holds.
///
/// For what no event reports, such as the end of a process that isn't one's child. The suite's time
/// limit ends it otherwise.
package func waitUntil(_ condition: () throws -> Bool) rethrows {
    while try !condition() {
        usleep(10_000)
    }
}
