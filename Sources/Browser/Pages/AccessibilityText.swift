import HostSystem
import PortlessCore

/// The accessibility tree of a page as indented lines, one for each element with a meaning:
/// `button "Save" (focused)`.
enum AccessibilityText {
    private static let mostBytes = 60_000
    private static let longestName = 300
    private static let deepest = 40
    private static let silent: Set = [
        "none", "generic", "InlineTextBox", "LineBreak", "RootWebArea", "paragraph",
    ]
    private static let told: Set = [
        "focused", "disabled", "checked", "expanded", "selected", "pressed", "required",
        "invalid", "readonly", "level",
    ]

    /// The text, and how many elements didn't fit.
    static func text(of nodes: [JSONValue]) -> (text: String, leftOut: Int) {
        var byID: [String: JSONValue] = [:]
        for node in nodes {
            if let id = node["nodeId"]?.string { byID[id] = node }
        }
        guard let root = nodes.first?["nodeId"]?.string else { return ("", 0) }
        var text = ""
        var leftOut = 0
        var stack: [(id: String, depth: Int, parent: String)] = [(root, 0, "")]
        while let (id, depth, parent) = stack.popLast() {
            // Each node is shown once, whatever the children say.
            guard let node = byID.removeValue(forKey: id) else { continue }
            let line = line(of: node, in: parent)
            if let line {
                if text.utf8.count + line.utf8.count < mostBytes {
                    text += String(repeating: "  ", count: min(depth, deepest)) + line + "\n"
                } else {
                    leftOut += 1
                }
            }
            let name = node["name"]?["value"]?.string ?? parent
            let children = node["childIds"]?.array ?? []
            for child in children.reversed() {
                guard let child = child.string else { continue }
                stack.append((child, depth + (line == nil ? 0 : 1), line == nil ? parent : name))
            }
        }
        return (text, leftOut)
    }

    /// Nil for an element that has no meaning of its own.
    private static func line(of node: JSONValue, in parent: String) -> String? {
        guard node["ignored"]?.bool != true, let role = node["role"]?["value"]?.string else {
            return nil
        }
        let name = node["name"]?["value"]?.string ?? ""
        if silent.contains(role) { return nil }
        // A button's text is its name already.
        if role == "StaticText" {
            return name.isEmpty || name == parent ? nil : "text \(quoted(name))"
        }
        var line = String(role.prefix(40)).visibleLine
        if !name.isEmpty { line += " \(quoted(name))" }
        if let value = node["value"]?["value"], let text = text(of: value), !text.isEmpty {
            line += " value \(quoted(text))"
        }
        let states = (node["properties"]?.array ?? []).compactMap(state)
        if !states.isEmpty { line += " (\(states.joined(separator: ", ")))" }
        return line
    }

    private static func state(_ property: JSONValue) -> String? {
        guard let name = property["name"]?.string, told.contains(name),
            let value = property["value"]?["value"], let text = text(of: value)
        else { return nil }
        switch text {
        case "false": return nil
        case "true": return name
        default: return "\(name) \(text.prefix(20))".visibleLine
        }
    }

    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let digits): digits
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    private static func quoted(_ text: String) -> String {
        let cut = text.count > longestName ? "\(text.prefix(longestName))…" : text
        return "\"\(cut.visibleLine)\""
    }
}
