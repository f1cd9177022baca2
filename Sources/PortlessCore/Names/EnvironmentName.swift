/// Turning names into names of environment variables.
package enum EnvironmentName {
    /// Upper case, with an underscore for what shells don't take in a variable's name.
    package static func word(_ text: some StringProtocol) -> String {
        String(
            text.uppercased().map { character in
                character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
            }
        )
    }
}
