/// A list of C strings with the null pointer at its end that `execve` wants.
struct CStrings {
    let pointers: UnsafePointer<UnsafeMutablePointer<CChar>?>?

    /// The last string, which may be overwritten.
    let last: UnsafeMutablePointer<CChar>?

    /// Lends the list to `body`; its pointers are dead afterwards.
    static func with<Result>(_ texts: [String], _ body: (CStrings) -> Result) -> Result {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for text in texts {
            offsets.append(bytes.count)
            bytes.append(contentsOf: text.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return bytes.withUnsafeMutableBufferPointer { buffer in
            let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } } + [nil]
            return pointers.withUnsafeBufferPointer {
                body(CStrings(pointers: $0.baseAddress, last: pointers.dropLast().last ?? nil))
            }
        }
    }
}
