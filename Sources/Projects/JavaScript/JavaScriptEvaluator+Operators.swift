import HostSystem
import PortlessCore

extension JavaScriptEvaluator {
    /// The left side of `||`, `??` or `&&`, where it decides the result.
    func shortCircuit(_ symbol: String, _ left: ConfigurationValue) -> ConfigurationValue? {
        switch symbol {
        case "||": left.truth == true ? left : nil
        case "&&": settled(left).truth == false ? settled(left) : nil
        case "??":
            switch left.kind {
            case .undefined, .null, .environment, .unresolved, .builtin: nil
            default: left
            }
        default: nil
        }
    }

    func binary(
        _ symbol: String,
        left: ConfigurationValue,
        right: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        switch symbol {
        case "||", "??":
            if case .environment(let name) = left.kind {
                var value = right
                value.overriddenBy = name
                return value
            }
            // `+undefined || 80`: NaN is false, and a value known to be false gives the right side.
            return left.truth == false || left.isNullish ? right : left
        case "&&":
            if left.truth == true { return right }
            // If the right side is false, so is the whole, with any left side.
            return settled(right).truth == false ? right : unknown(left, at: origin)
        case _ where !budget.spend(left.extent.saturatingAdd(right.extent)):
            return .unresolved(OverBudget.work, at: origin)
        case "+":
            if left.isText || right.isText { return concatenate(left, right, at: origin) }
        case "===", "!==", "==", "!=":
            return compared(symbol, left: settled(left), right: settled(right), at: origin)
        case "in":
            return contains(right, key: left, at: origin)
        default: break
        }
        if let problem = left.problem ?? right.problem {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        if let truth = comparison(symbol, left: left, right: right) {
            return ConfigurationValue(.boolean(truth), at: origin)
        }
        guard let first = left.number, let second = right.number,
            let result = Self.arithmetic(symbol, left: first, right: second)
        else { return .unresolved("\"\(symbol)\" is not applied to constants here", at: origin) }
        var value = ConfigurationValue(.number(result), at: origin)
        value.origin.range = nil
        return value
    }

    func unary(
        _ symbol: String,
        _ operand: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        if symbol == "void" { return ConfigurationValue(.undefined, at: origin) }
        let operand = symbol == "+" ? operand : settled(operand)
        if symbol == "typeof" { return type(of: operand, at: origin) }
        if symbol == "+" { return converted(operand) { $0.number.map { .number($0) } } }
        if let problem = operand.problem {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        switch symbol {
        case "!":
            if let truth = operand.truth {
                return ConfigurationValue(.boolean(!truth), at: origin)
            }
        case "-":
            if let number = operand.number {
                return ConfigurationValue(.number(-number), at: origin)
            }
        case "~":
            if let number = operand.number, let integer = Int32(exactly: number) {
                return ConfigurationValue(.number(Double(~integer)), at: origin)
            }
        default: break
        }
        return .unresolved("\"\(symbol)\" is not applied to a constant here", at: origin)
    }

    /// The operand converted to another type, with its original location.
    func converted(
        _ operand: ConfigurationValue,
        _ convert: (ConfigurationValue) -> ConfigurationValue.Kind?,
    ) -> ConfigurationValue {
        guard operand.problem == nil else { return operand }
        guard let kind = convert(operand) else {
            return .unresolved("this can't be converted", at: operand.origin)
        }
        var value = operand
        value.kind = kind
        return value
    }

    func concatenate(
        _ left: ConfigurationValue,
        _ right: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        if let problem = left.problem ?? right.problem {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        let pieces = left.pieces.count + right.pieces.count
        guard budget.spend(left.extent.saturatingAdd(right.extent).saturatingAdd(pieces)),
            pieces < ReadingBudget.maximumWeight
        else { return .unresolved(OverBudget.work, at: origin) }
        guard let first = left.plain.text, let second = right.plain.text else {
            return .unresolved("an object is put into a text here", at: origin)
        }
        var result = ConfigurationValue(.string(first + second), at: origin)
        let offset = first.utf8.count
        result.pieces = left.allPieces(length: offset, except: origin)
        for piece in right.allPieces(length: second.utf8.count, except: origin) {
            let range = piece.range.lowerBound + offset..<piece.range.upperBound + offset
            result.pieces.append(.init(range: range, value: piece.value))
        }
        return result
    }

    private func unknown(
        _ value: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let problem = value.problem else { return value }
        return ConfigurationValue(.unresolved(problem), at: origin)
    }

    private func comparison(
        _ symbol: String,
        left: ConfigurationValue,
        right: ConfigurationValue,
    ) -> Bool? {
        guard let first = left.number, let second = right.number else { return nil }
        return switch symbol {
        case "<": first < second
        case ">": first > second
        case "<=": first <= second
        case ">=": first >= second
        default: nil
        }
    }

    private func compared(
        _ symbol: String,
        left: ConfigurationValue,
        right: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        // A function or an object is never equal to a primitive.
        for side in [left, right] {
            if let problem = side.problem, !side.isFunction {
                return ConfigurationValue(.unresolved(problem), at: origin)
            }
        }
        let isStrict = symbol.count == 3
        let same: Bool? =
            if !isStrict, left.isNullish || right.isNullish {
                left.isNullish && right.isNullish
            } else if !isStrict, let first = left.scalar, let second = right.scalar {
                left.string == nil || right.string == nil
                    ? left.number == right.number : first == second
            } else {
                left.isSame(as: right)
            }
        guard let same else { return .unresolved("what is compared here is unknown", at: origin) }
        return ConfigurationValue(.boolean(symbol.hasPrefix("=") == same), at: origin)
    }

    /// `"key" in object`.
    private func contains(
        _ object: ConfigurationValue,
        key: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        guard let object = object.object, let key = keyText(key) else {
            return .unresolved("\"in\" is not applied to constants here", at: origin)
        }
        if object[key] == nil, let gap = object.gaps.first {
            return ConfigurationValue(.unresolved(gap), at: origin)
        }
        return ConfigurationValue(.boolean(object[key] != nil), at: origin)
    }

    private func type(
        of operand: ConfigurationValue,
        at origin: SourceLocation,
    ) -> ConfigurationValue {
        let name =
            switch operand.kind {
            case .undefined: "undefined"
            case .boolean: "boolean"
            case .number: "number"
            case .string: "string"
            case .function: "function"
            default: "object"
            }
        if let problem = operand.problem, !operand.isFunction {
            return ConfigurationValue(.unresolved(problem), at: origin)
        }
        return ConfigurationValue(.string(name), at: origin)
    }

    private static func arithmetic(_ symbol: String, left: Double, right: Double) -> Double? {
        switch symbol {
        case "+": return left + right
        case "-": return left - right
        case "*": return left * right
        case "/": return left / right
        case "%": return left.truncatingRemainder(dividingBy: right)
        default: break
        }
        if symbol == "**" {
            guard right >= 0, right <= 64, right == right.rounded() else { return nil }
            return (0..<Int(right)).reduce(1) { result, _ in result * left }
        }
        guard let first = Int32(exactly: left), let second = Int32(exactly: right) else {
            return nil
        }
        return switch symbol {
        case "&": Double(first & second)
        case "|": Double(first | second)
        case "^": Double(first ^ second)
        case "<<": Double(first &<< second)
        case ">>": Double(first &>> second)
        default: nil
        }
    }
}

extension ConfigurationValue {
    fileprivate var isText: Bool {
        switch kind {
        case .string: true
        default: array != nil
        }
    }

    fileprivate var isFunction: Bool { if case .function = kind { true } else { false } }

    var isNullish: Bool {
        switch kind {
        case .undefined, .null: true
        default: false
        }
    }

    fileprivate func isSame(as other: ConfigurationValue) -> Bool? {
        switch (kind, other.kind) {
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.boolean(let left), .boolean(let right)): left == right
        case (.undefined, .undefined), (.null, .null): true
        case (.reference(let left), .reference(let right)): left === right
        case (.function, .function), (.array, _), (.object, _), (_, .array), (_, .object): nil
        default: false
        }
    }

    /// The parts of the value as parts of a text; literal text of the expression itself has none.
    fileprivate func allPieces(length: Int, except origin: SourceLocation) -> [Piece] {
        if !pieces.isEmpty { return pieces }
        return self.origin == origin || length == 0 ? [] : [Piece(range: 0..<length, value: self)]
    }
}
