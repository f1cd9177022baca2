import Foundation

/// Writes files of text into one Swift file: as they are, and compressed.
///
/// Called with the Swift file, the folder, and the names of the files in it.
@main
struct DashboardEmbedder {
    static func main() throws {
        let arguments = CommandLine.arguments
        let folder = URL(filePath: arguments[2])
        let files = try arguments.dropFirst(3).map { name in
            (name, try Data(contentsOf: folder.appending(path: name)))
        }
        var version = ContentHash()
        for (name, data) in files {
            version.add(Data(name.utf8))
            version.add(data)
        }
        let entries = try files.map { name, original in
            let data = Data(shipped(original, name, version.text).utf8)
            let hexadecimal = try compressed(data).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            return """
                        File(
                            name: "\(name)",
                            text: \(try literal(data, name)),
                            compressed: "\(hexadecimal.joined())",
                        ),
                """
        }
        let text = """
            extension DashboardFiles {
                /// Written by DashboardEmbedder.
                static let embedded = DashboardFiles(
                    version: "\(version.text)",
                    files: [
            \(entries.joined(separator: "\n"))
                    ],
                )
            }

            """
        try text.write(to: URL(filePath: arguments[1]), atomically: true, encoding: .utf8)
    }

    /// The page names the others with the version, in which browsers keep them for good; those go
    /// without indentation and without lines that are comments.
    private static func shipped(_ data: Data, _ name: String, _ version: String) -> String {
        let text = String(decoding: data, as: UTF8.self)
        guard !name.hasSuffix(".html") else {
            return text.replacing("\"/assets/", with: "\"/assets/\(version)/")
        }
        var isComment = false
        var result = ""
        for line in text.split(separator: "\n") {
            let code = line.drop { $0 == " " }
            isComment = isComment || code.hasPrefix("/*")
            if !isComment, !code.hasPrefix("//") { result += code + "\n" }
            if isComment, code.hasSuffix("*/") { isComment = false }
        }
        return result
    }

    /// A raw string of several lines, which takes any text without `"""######`.
    private static func literal(_ data: Data, _ name: String) throws -> String {
        guard let text = String(validating: data, as: UTF8.self), !text.contains("\"\"\"######"),
            !text.contains("\r"), !text.contains("\0")
        else { throw Failure(description: "\(name) is not plain text of UTF-8.") }
        return "######\"\"\"\n\(text)\n\"\"\"######"
    }

    /// The same bytes give the same bytes, wherever and whenever it is built.
    private static func compressed(_ data: Data) throws -> Data {
        let (input, output) = (Pipe(), Pipe())
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-9", "-n"]
        gzip.standardInput = input
        gzip.standardOutput = output
        try gzip.run()
        // gzip reads all before it writes more than a pipe holds, or the writer would wait for us.
        let writer = Thread {
            try? input.fileHandleForWriting.write(contentsOf: data)
            try? input.fileHandleForWriting.close()
        }
        writer.start()
        let result = try output.fileHandleForReading.readToEnd() ?? Data()
        gzip.waitUntilExit()
        guard gzip.terminationStatus == 0, !result.isEmpty else {
            throw Failure(description: "gzip failed with \(gzip.terminationStatus).")
        }
        return result
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }
}

/// FNV-1a of 64 bits: it tells versions of our own files apart and protects nothing.
struct ContentHash {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ data: Data) {
        // The length keeps the end of one part from being the beginning of the next.
        for byte in data + Data("\(data.count);".utf8) {
            value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }

    var text: String { String(value, radix: 16) }
}
