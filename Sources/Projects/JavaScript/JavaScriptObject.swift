import HostSystem
import PortlessCore

/// An object or list of a file that is being evaluated, shared by all references to it.
final class JavaScriptObject {
    /// An object, a list, or unresolved once none of it is known any more.
    var content: ConfigurationValue.Kind
    /// The number of unknown conditions when it was created.
    ///
    /// A write under a further one may or may not happen.
    let doubts: Int

    init(_ content: ConfigurationValue.Kind, doubts: Int) {
        self.content = content
        self.doubts = doubts
    }

    var members: ConfigurationObject? {
        if case .object(let members) = content { members } else { nil }
    }

    var elements: [ConfigurationValue]? {
        if case .array(let elements) = content { elements } else { nil }
    }
}

extension ConfigurationValue {
    /// A snapshot of the value, which later changes of its parts don't affect.
    var plain: ConfigurationValue {
        var left = ReadingBudget.maximumWeight
        return copy(at: 0, &left) ?? .unresolved(OverBudget.size, at: origin)
    }

    /// The cost of reading all of it.
    var extent: Int { weight.saturatingAdd(memberCount) }

    private func copy(at depth: Int, _ left: inout Int) -> ConfigurationValue? {
        left -= weight
        guard left > 0, depth < ReadingBudget.maximumNesting else { return nil }
        guard case .reference(let object) = kind else { return self }
        var copy = self
        switch object.content {
        case .object(let members):
            var result = ConfigurationObject()
            result.gaps = members.gaps
            for member in members.properties {
                guard let value = member.value.copy(at: depth + 1, &left) else { return nil }
                result[member.name] = value
            }
            copy.kind = .object(result)
        case .array(let elements):
            var result: [ConfigurationValue] = []
            for element in elements {
                guard let value = element.copy(at: depth + 1, &left) else { return nil }
                result.append(value)
            }
            copy.kind = .array(result)
        default: copy.kind = object.content
        }
        return copy
    }
}
