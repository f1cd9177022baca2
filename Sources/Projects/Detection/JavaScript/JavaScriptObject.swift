import HostSystem
import PortlessCore

/// An object's properties in the order of their first definition.
struct JavaScriptObject {
    struct Property {
        var name: String
        var value: JavaScriptValue
    }

    private(set) var properties: [Property] = []
    private var positions: [String: Int] = [:]
    /// Why further properties may exist, or later ones may override: an unknown spread or key.
    var gaps: [Unresolved] = []
    /// As `JavaScriptValue.weight`.
    private(set) var weight = 1
    /// As `JavaScriptValue.nesting`; what was deepest may have been replaced since.
    private(set) var nesting = 1

    subscript(name: String) -> JavaScriptValue? {
        get { positions[name].map { properties[$0].value } }
        set {
            guard let newValue else { return remove(name) }
            weight = weight.saturatingAdd(newValue.weight)
            nesting = max(nesting, newValue.nesting + 1)
            if let position = positions[name] {
                weight = weight.saturatingSubtract(properties[position].value.weight)
                properties[position].value = newValue
            } else {
                weight = weight.saturatingAdd(1 + name.utf8.count / 16)
                positions[name] = properties.count
                properties.append(Property(name: name, value: newValue))
            }
        }
    }

    /// `Object.assign`: the other's properties override.
    mutating func merge(_ other: JavaScriptObject) {
        for property in other.properties { self[property.name] = property.value }
        gaps += other.gaps
    }

    private mutating func remove(_ name: String) {
        guard let position = positions.removeValue(forKey: name) else { return }
        weight = weight.saturatingSubtract(properties[position].value.weight)
        properties.remove(at: position)
        for (name, other) in positions where other > position { positions[name] = other - 1 }
    }
}
