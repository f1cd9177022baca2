/// Runs system tools; tests put a script in its place.
package protocol CommandRunner: Sendable {
    func has(_ program: String) -> Bool
    func run(_ command: Command) async throws(CommandError) -> CommandResult
}
