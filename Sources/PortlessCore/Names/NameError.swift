/// Why a text is no name that an app could have.
package enum NameError: Error, Hashable, CustomStringConvertible {
    case empty
    case invalid(String)
    case invalidTLD(String)
    case consecutiveDots(String)
    case labelTooLong(label: String)
    case nameTooLong(String)
    case nothingToInferFrom(folder: String)

    package var description: String {
        switch self {
        case .empty:
            "Hostname cannot be empty."
        case .invalid(let name):
            """
            Invalid hostname "\(name)": use letters, digits, hyphens and dots, \
            beginning and ending with a letter or digit.
            """
        case .invalidTLD(let name):
            """
            Invalid TLD "\(name)": use letters, digits and hyphens, parts separated by dots, \
            such as "localhost" or "dev.example.com".
            """
        case .consecutiveDots(let name):
            "Invalid hostname \"\(name)\": consecutive dots are not allowed."
        case .labelTooLong(let label):
            "Invalid hostname: the label \"\(label)\" exceeds 63-character DNS limit."
        case .nameTooLong(let name):
            "Invalid hostname \"\(name)\": it exceeds 253-character DNS limit."
        case .nothingToInferFrom(let folder):
            "No name can be made of the folder \"\(folder)\". Give one with --name."
        }
    }
}
