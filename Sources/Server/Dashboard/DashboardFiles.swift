/// The dashboard's files from `Dashboard/`, as the build has embedded them.
///
/// The page names all others with the version in their path, so browsers keep those for good.
struct DashboardFiles: Sendable {
    struct File: Sendable {
        let name: String
        let text: String
        let gzip: [UInt8]

        /// `compressed` is in hexadecimal.
        init(name: String, text: String, compressed: String) {
            self.name = name
            self.text = text
            let digits = compressed.utf8.map { UInt8($0 < 0x3A ? $0 - 0x30 : $0 - 0x57) }
            gzip = stride(from: 0, to: digits.count - 1, by: 2).map {
                digits[$0] << 4 | digits[$0 + 1]
            }
        }
    }

    static let page = "index.html"

    /// Changes with every change of a file.
    let version: String
    private let files: [String: File]

    init(version: String, files: [File]) {
        self.version = version
        self.files = Dictionary(files.map { ($0.name, $0) }) { $1 }
    }

    subscript(name: String) -> File? { files[name] }
    var names: [String] { files.keys.sorted() }

    /// The media type by the name's ending; nil for what the dashboard has no file of.
    static func mediaType(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
    }
}
