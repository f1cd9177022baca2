import HostSystem
import PortlessCore

/// The functions of `Object` and `Array`.
extension JavaScriptEvaluator {
    /// Nil for a function that isn't followed.
    func collection(
        _ name: String,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        let first = arguments.first ?? ConfigurationValue(.undefined, at: origin)
        switch name {
        case "Object.freeze", "Object.seal": return first
        case "Object.assign": return assigned(arguments, at: origin)
        case "Object.values", "Object.keys", "Object.entries":
            return listed(first, by: name, at: origin)
        case "Object.fromEntries": return object(of: first, at: origin)
        case "Array": return list(ofLength: first, at: origin)
        case "Array.of": return made(.array(arguments), at: origin)
        case "Array.isArray":
            guard first.problem == nil else { return first }
            return ConfigurationValue(.boolean(first.array != nil), at: origin)
        case "Array.from":
            let length = first.object?["length"]
            let source =
                length.map { list(ofLength: $0, at: origin) }
                ?? first.array.map { made(.array($0), at: origin) }
            guard let source else { return nil }
            guard let closure = arguments.dropFirst().first else { return source }
            return method("map", of: source, [closure], at: origin)
        case "structuredClone": return first.plain.problem == nil ? remade(first.plain) : first
        default: return nil
        }
    }

    /// The functions that create objects and lists.
    private func remade(_ value: ConfigurationValue) -> ConfigurationValue {
        var result = value
        if let object = value.object {
            var copy = ConfigurationObject()
            copy.gaps = object.gaps
            for property in object.properties { copy[property.name] = remade(property.value) }
            result.kind = made(.object(copy), at: value.origin).kind
        } else if let elements = value.array {
            result.kind = made(.array(elements.map(remade)), at: value.origin).kind
        }
        return result
    }

    private func list(
        ofLength length: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let count = length.number.flatMap({ Int(exactly: $0) }), count >= 0,
            count <= ReadingBudget.maximumWeight, budget.spend(count)
        else {
            let problem = length.problem ?? Unresolved(origin, "how long this list is isn't known")
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        let nothing = ConfigurationValue(.undefined, at: origin)
        return made(.array(Array(repeating: nothing, count: count)), at: origin)
    }

    /// `Object.assign`, which changes its first argument.
    private func assigned(
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let first = arguments.first, case .reference(let target) = first.kind else {
            var object = ConfigurationObject()
            for argument in arguments { spread(argument, into: &object) }
            return made(.object(object), at: origin)
        }
        for argument in arguments.dropFirst() {
            var added = ConfigurationObject()
            spread(argument, into: &added)
            for property in added.properties {
                set(property.name, of: target, to: property.value, at: property.value.origin)
            }
            for gap in added.gaps { forget(target, because: gap) }
        }
        return first
    }

    private func listed(
        _ value: ConfigurationValue,
        by name: String,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let object = value.object else {
            if let elements = value.array, name == "Object.values" {
                return made(.array(elements), at: origin)
            }
            let problem = value.problem ?? Unresolved(origin, "this is not an object")
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        guard budget.spend(object.properties.count) else {
            return .unresolved(OverBudget.work, at: origin)
        }
        let elements = object.properties.map { property in
            let key = ConfigurationValue(.string(property.name), at: property.value.origin)
            return switch name {
            case "Object.keys": key
            case "Object.values": property.value
            default: made(.array([key, property.value]), at: property.value.origin)
            }
        }
        // Where there may be further properties, there may be further elements.
        let gaps = object.gaps.map { ConfigurationValue(.unresolved($0), at: origin) }
        return made(.array(elements + gaps), at: origin)
    }

    private func object(
        of entries: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let entries = entries.array else {
            let problem = entries.problem ?? Unresolved(origin, "this is not a list of pairs")
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        var object = ConfigurationObject()
        for entry in entries {
            if let pair = entry.array, pair.count == 2, pair[0].problem == nil,
                let key = keyText(pair[0])
            {
                object[key] = pair[1]
            } else {
                object.gaps.append(entry.problem ?? Unresolved(entry.origin, "this is no pair"))
            }
        }
        return made(.object(object), at: origin)
    }
}
