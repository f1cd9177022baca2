import Foundation

/// What can be wrong with a file of the state directory.
enum StateDamage: String, CaseIterable, Sendable {
    case empty
    case truncated
    case ofTheWrongType
    case withHugeNumbers
    case noise
    /// A link to itself: not even root can read it.
    case unreadable
    case aDirectory

    /// Whether it makes a difference to the file, which a folder may be.
    func applies(to file: URL) -> Bool {
        if file.isFolder { return self == .ofTheWrongType || self == .unreadable }
        guard let bytes = try? Data(contentsOf: file) else { return false }
        return switch self {
        case .empty, .truncated: !bytes.isEmpty
        case .withHugeNumbers: bytes.contains { (0x31...0x39).contains($0) }
        default: true
        }
    }

    func apply(to file: URL) throws {
        let manager = FileManager.default
        let path = file.path()
        let bytes = file.isFolder ? Data() : try Data(contentsOf: file)
        try manager.removeItem(atPath: path)
        switch self {
        case .empty: try Data().write(to: file)
        case .truncated: try bytes.prefix(bytes.count / 2).write(to: file)
        case .ofTheWrongType:
            let text = bytes.first == 0x7B ? #"[1, "x", null]"# : #"{"a": [true]}"#
            try Data(text.utf8).write(to: file)
        case .withHugeNumbers:
            let text = String(decoding: bytes, as: UTF8.self)
                .replacing(/[1-9][0-9]*/, with: "99999999999999999999")
            try Data(text.utf8).write(to: file)
        case .noise:
            try Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 7) })
                .write(to: file)
        case .unreadable:
            try manager.createSymbolicLink(atPath: path, withDestinationPath: path)
        case .aDirectory:
            try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
    }
}

/// All that lies in a folder, to be compared with what lies there later.
struct FolderContent: Equatable {
    enum Item: Equatable {
        case file(Data)
        case link(String)
        case folder
        case other
    }

    let items: [String: Item]

    init(_ folder: URL) {
        var items: [String: Item] = [:]
        let names = FileManager.default.enumerator(atPath: folder.path())
        while let name = names?.nextObject() as? String {
            items[name] = Self.item(folder.appending(path: name))
        }
        self.items = items
    }

    static func item(_ file: URL) -> Item? {
        let manager = FileManager.default
        guard let attributes = try? manager.attributesOfItem(atPath: file.path()) else {
            return nil
        }
        switch attributes[.type] as? FileAttributeType {
        case .typeDirectory: return .folder
        case .typeRegular: return .file((try? Data(contentsOf: file)) ?? Data())
        case .typeSymbolicLink:
            return .link((try? manager.destinationOfSymbolicLink(atPath: file.path())) ?? "")
        default: return .other
        }
    }

    /// The names of what is there in one of both only, or differs.
    func changes(from earlier: FolderContent) -> [String] {
        Set(items.keys).union(earlier.items.keys).filter { items[$0] != earlier.items[$0] }.sorted()
    }
}

extension URL {
    var isFolder: Bool { FolderContent.item(self) == .folder }
}
