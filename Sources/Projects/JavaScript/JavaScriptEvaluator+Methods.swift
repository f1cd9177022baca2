import PortlessCore

extension JavaScriptEvaluator {
    /// The methods of strings, numbers and lists that need no runtime; nil for values without
    /// methods.
    func method(
        _ name: String,
        of target: ConfigurationValue,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        switch target.kind {
        case .environment: return target
        case .string(let text):
            return stringMethod(name, of: target, text, with: arguments, at: origin)
        case .number where name == "toString":
            guard arguments.isEmpty else { return nil }
            return converted(target) { $0.text.map { .string($0) } }
        case .reference(let object):
            if object.elements != nil {
                return listMethod(name, of: object, arguments, at: origin)
            }
            guard name == "hasOwnProperty", let members = object.members,
                let key = arguments.first?.string, members.gaps.isEmpty
            else { return nil }
            return ConfigurationValue(.boolean(members[key] != nil), at: origin)
        default: return nil
        }
    }

    private func listMethod(
        _ name: String,
        of list: JavaScriptObject,
        _ arguments: [ConfigurationValue],
        at origin: SourceLocation,
    ) -> ConfigurationValue? {
        let elements = list.elements ?? []
        switch name {
        case "push", "unshift":
            append(arguments, to: list, at: origin, atFront: name == "unshift")
            return ConfigurationValue(.number(Double(list.elements?.count ?? 0)), at: origin)
        case "concat":
            let added = arguments.flatMap { $0.array ?? [$0] }
            return made(.array(elements + added), at: origin)
        case "flat":
            return made(.array(elements.flatMap { $0.array ?? [$0] }), at: origin)
        case "join": return joined(elements, by: arguments.first, at: origin)
        case "keys", "entries":
            let values = elements.enumerated().map { index, element in
                let key = ConfigurationValue(.number(Double(index)), at: element.origin)
                return name == "keys" ? key : made(.array([key, element]), at: element.origin)
            }
            return made(.array(values), at: origin)
        case "values": return made(.array(elements), at: origin)
        case "slice":
            guard let part = slice(elements, arguments) else { break }
            return made(.array(part), at: origin)
        case "at":
            guard let number = arguments.first?.number, let index = Int(exactly: number) else {
                break
            }
            let position = index < 0 ? elements.count + max(index, -elements.count - 1) : index
            return elements.indices.contains(position)
                ? elements[position] : ConfigurationValue(.undefined, at: origin)
        case "includes", "indexOf":
            guard let other = arguments.first else { break }
            return found(other, in: elements, by: name, at: origin)
        case "fill":
            guard let value = arguments.first ?? elements.first, arguments.count <= 1 else { break }
            for index in elements.indices { set(String(index), of: list, to: value, at: origin) }
            return ConfigurationValue(.reference(list), at: origin)
        case "reverse", "toReversed":
            let reversed = Array(elements.reversed())
            guard name == "reverse" else { return made(.array(reversed), at: origin) }
            guard doubts.count == list.doubts else { break }
            list.content = .array(reversed)
            return ConfigurationValue(.reference(list), at: origin)
        default:
            if let result = callbackMethod(name, of: elements, arguments, at: origin) {
                return result
            }
        }
        let problem = Unresolved(origin, "the method \"\(name)\" of an array is not followed")
        if !["toString", "toSorted", "lastIndexOf", "toSpliced"].contains(name) {
            forget(list, because: problem)
        }
        return ConfigurationValue(.unresolved(problem), at: origin)
    }

    private func slice(
        _ elements: [ConfigurationValue],
        _ arguments: [ConfigurationValue],
    ) -> [ConfigurationValue]? {
        let count = Double(elements.count)
        let bounds = arguments.map(\.number)
        guard bounds.count <= 2, !bounds.contains(nil),
            !bounds.contains(where: { $0?.isNaN == true })
        else { return nil }
        let ends = bounds.compactMap(\.self).map { bound in
            Int(min(max(bound < 0 ? bound + count : bound, 0), count))
        }
        let (start, end) = (ends.first ?? 0, ends.count > 1 ? ends[1] : elements.count)
        return start < end ? Array(elements[start..<end]) : []
    }

    private func found(
        _ other: ConfigurationValue,
        in elements: [ConfigurationValue],
        by name: String,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        for (index, element) in elements.enumerated() {
            let verdict = binary("===", left: element, right: other, at: origin)
            guard let truth = verdict.truth else { return verdict }
            guard truth else { continue }
            let kind: ConfigurationValue.Kind =
                name == "includes" ? .boolean(true) : .number(Double(index))
            return ConfigurationValue(kind, at: origin)
        }
        return ConfigurationValue(name == "includes" ? .boolean(false) : .number(-1), at: origin)
    }

    private func joined(
        _ elements: [ConfigurationValue],
        by separator: ConfigurationValue?,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        let separator = separator ?? ConfigurationValue(.string(","), at: origin)
        var result = ConfigurationValue(.string(""), at: origin)
        for (index, element) in elements.enumerated() {
            if index > 0 { result = concatenate(result, separator, at: origin) }
            result = concatenate(result, element, at: origin)
        }
        return result
    }
}
