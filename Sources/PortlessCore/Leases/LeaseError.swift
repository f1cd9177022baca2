package import SystemPackage

/// Why ports couldn't be leased, or leases not be read.
package enum LeaseError: Error, Hashable, CustomStringConvertible {
    case invalidLabel(String)
    case repeatedLabel(String)
    case sameVariable(String, String)
    case reservedLabel(String)
    case noLabels
    case noRoom(count: Int, ranges: [PortRange])
    case cannotGrow(app: AppName, range: PortRange, count: Int)
    case unknownApp(AppName)
    case unreadable(FilePath, reason: String)
    case invalidSettings(FilePath, reason: String)

    package var description: String {
        switch self {
        case .invalidLabel(let label):
            """
            "\(label)" can't label a port: use letters, digits and hyphens, \
            beginning with a letter, such as api or ui.
            """
        case .repeatedLabel(let label):
            "The label \"\(label)\" is given twice. Give each port a label of its own."
        case .sameVariable(let first, let second):
            """
            The labels "\(first)" and "\(second)" would both be \
            \(PortLabels.environmentVariable(of: second)). Call one of them something else.
            """
        case .reservedLabel(let label):
            """
            "\(label)" can't label a port: it would be \
            \(PortLabels.environmentVariable(of: label)), and PORTLESS_… sets Portless itself. \
            Call it something else.
            """
        case .noLabels:
            "No labels are given. Name what the ports are for, such as `api ui`."
        case .noRoom(let count, let ranges):
            """
            No \(count) free ports in a row are left in \
            \(ranges.map(\.description).joined(separator: ", ")). \
            Release a lease, or add a range to ports.ranges in config.json.
            """
        case .cannotGrow(let app, let range, let count):
            """
            The block \(range) of \(app) can't grow by \(count): the ports beside it are taken. \
            `portless ports lease \(app) … --move` takes another block.
            """
        case .unknownApp(let app):
            "\(app) has no leased ports. `portless ports` shows who has."
        case .unreadable(let path, let reason):
            """
            The leases in \(path) can't be understood: \(reason). \
            Repair the file, or delete it and lease the ports again.
            """
        case .invalidSettings(let path, let reason):
            """
            The settings in \(path) can't be used: \(reason). \
            Repair the file, or delete it to have the standard settings.
            """
        }
    }
}
