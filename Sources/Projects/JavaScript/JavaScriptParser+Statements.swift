import PortlessCore

extension JavaScriptParser {
    mutating func block() throws(SourceError) -> [JavaScriptStatement] {
        try expect("{")
        var statements: [JavaScriptStatement] = []
        while !accept("}") {
            guard token.kind != .end else { throw error("\"}\" is expected, not \(found)") }
            statements.append(try statement())
        }
        return statements
    }

    mutating func statement() throws(SourceError) -> JavaScriptStatement {
        try enter()
        defer { budget.leave() }
        let start = token.range.lowerBound
        let kind = try statementKind()
        return JavaScriptStatement(kind: kind, range: start..<max(start, previousEnd))
    }

    private mutating func statementKind() throws(SourceError) -> JavaScriptStatement.Kind {
        if accept(";") { return .empty }
        if token.is("{") { return .block(try block()) }
        guard case .identifier(let word) = token.kind else { return try expressionStatement() }
        switch word {
        case "const" where peek(1).isWord("enum"):
            advance()
            return try enumeration()
        case "const", "var": return try declaration(isExported: false)
        case "let" where Self.startsPattern(peek(1)): return try declaration(isExported: false)
        case "function": return .function(try functionLiteral(), isExported: false)
        case "async" where peek(1).isWord("function"):
            return .function(try functionLiteral(), isExported: false)
        case "return":
            advance()
            let isBare = token.is(";") || token.is("}") || token.followsLineBreak
            let value = isBare ? nil : try expression()
            try endStatement()
            return .return(value)
        case "if": return try ifStatement()
        case "import" where !peek(1).is("(") && !peek(1).is("."): return try importStatement()
        case "export": return try exportStatement()
        case "for": return .loop(try forLoop())
        case "while": return .loop(try whileLoop())
        case "do": return .loop(try doLoop())
        case "switch": return try switchStatement()
        case "try": return try tryStatement()
        case "throw":
            advance()
            _ = try expression()
            try endStatement()
            return .throw
        case "break", "continue":
            advance()
            try endStatement()
            return word == "break" ? .break : .continue
        case "class", "with": return try opaqueStatement(word)
        case "enum":
            if case .identifier = peek(1).kind { return try enumeration() }
            return try expressionStatement()
        case "interface", "declare", "namespace", "abstract":
            if case .identifier = peek(1).kind { return try opaqueStatement(word) }
            return try expressionStatement()
        case "type":
            if case .identifier = peek(1).kind, peek(2).is("=") || peek(2).is("<") {
                return try opaqueStatement(word)
            }
            return try expressionStatement()
        default: return try expressionStatement()
        }
    }

    private static func startsPattern(_ token: JavaScriptToken) -> Bool {
        if case .identifier = token.kind { return true }
        return token.is("{") || token.is("[")
    }

    private mutating func expressionStatement() throws(SourceError) -> JavaScriptStatement.Kind {
        let expression = try expression()
        try endStatement()
        return .expression(expression)
    }

    private mutating func declaration(
        isExported: Bool
    ) throws(SourceError) -> JavaScriptStatement.Kind {
        let bindings = try bindings()
        try endStatement()
        return .declaration(bindings, isExported: isExported)
    }

    /// `const a = 1, b = 2`, up to the end of the statement.
    mutating func bindings() throws(SourceError) -> [JavaScriptStatement.Binding] {
        advance()
        var bindings: [JavaScriptStatement.Binding] = []
        repeat {
            let start = token.range.lowerBound
            var pattern = try pattern()
            var value: JavaScriptExpression?
            // The rule for parameters parses `= value` as a default; here it is the value.
            if case .withDefault(let inner, let initial) = pattern {
                pattern = inner
                value = initial
            }
            bindings.append(.init(pattern: pattern, value: value, range: start..<previousEnd))
        } while accept(",")
        return bindings
    }

    private mutating func ifStatement() throws(SourceError) -> JavaScriptStatement.Kind {
        advance()
        try expect("(")
        let condition = try expression()
        try expect(")")
        let positive = [try statement()]
        let negative = acceptWord("else") ? [try statement()] : []
        return .conditional(condition, positive, otherwise: negative)
    }

    private mutating func importStatement() throws(SourceError) -> JavaScriptStatement.Kind {
        advance()
        if case .string(let module) = token.kind {
            advance()
            try endStatement()
            return .import(.init(module: module, names: []))
        }
        if token.isWord("type"), !peek(1).isWord("from") { advance() }
        var names: [(local: String, imported: String)] = []
        repeat {
            if accept("*") {
                guard acceptWord("as") else { throw error("\"as\" is expected, not \(found)") }
                names.append((try identifier(), "*"))
            } else if accept("{") {
                names += try importedNames()
            } else {
                names.append((try identifier(), "default"))
            }
        } while accept(",")
        guard acceptWord("from") else { throw error("\"from\" is expected, not \(found)") }
        return .import(.init(module: try moduleName(), names: names))
    }

    private mutating func importedNames() throws(SourceError) -> [(local: String, imported: String)]
    {
        var names: [(local: String, imported: String)] = []
        while !accept("}") {
            if token.isWord("type"), !peek(1).is(","), !peek(1).is("}") { advance() }
            let imported = try identifier()
            names.append((acceptWord("as") ? try identifier() : imported, imported))
            guard token.is("}") || accept(",") else {
                throw error("\",\" or \"}\" is expected, not \(found)")
            }
        }
        return names
    }

    /// The string after `from`, its import attributes and the statement's end.
    private mutating func moduleName() throws(SourceError) -> String {
        guard case .string(let module) = token.kind else {
            throw error("a module's name is expected, not \(found)")
        }
        advance()
        if acceptWord("with") || acceptWord("assert") {
            var ignored: Set<String> = []
            try skipGroup(collecting: &ignored)
        }
        try endStatement()
        return module
    }

    private mutating func exportStatement() throws(SourceError) -> JavaScriptStatement.Kind {
        advance()
        if acceptWord("default") {
            if token.isWord("class") { return try opaqueStatement("class") }
            let value = try assignment()
            try endStatement()
            return .exportDefault(value)
        }
        if accept("{") {
            let names = try importedNames()
            let module = acceptWord("from") ? try moduleName() : nil
            if module == nil { try endStatement() }
            return .exportNames(
                names.map { (local: $0.imported, exported: $0.local) },
                from: module,
            )
        }
        if token.isWord("function") || token.isWord("async") {
            return .function(try functionLiteral(), isExported: true)
        }
        let isEnumeration = token.isWord("enum") || peek(1).isWord("enum")
        if !isEnumeration, ["const", "let", "var"].contains(where: { token.isWord($0) }) {
            return try declaration(isExported: true)
        }
        if isEnumeration, !token.isWord("declare") {
            _ = acceptWord("const")
            guard case .declaration(let bindings, _) = try enumeration() else { return .empty }
            return .declaration(bindings, isExported: true)
        }
        return try opaqueStatement("export")
    }

    /// Skips a statement whose effect can't be known without executing it.
    private mutating func opaqueStatement(
        _ word: String
    ) throws(SourceError) -> JavaScriptStatement.Kind {
        var assigned: Set<String> = []
        let needsBlock = !["type", "export"].contains(word)
        advance()
        while token.kind != .end {
            if token.is("{") {
                try skipGroup(collecting: &assigned)
                if needsBlock { break }
            } else if token.is("(") || token.is("[") {
                try skipGroup(collecting: &assigned)
            } else if token.is(";") {
                advance()
                break
            } else if token.is("}") || token.followsLineBreak && !needsBlock {
                break
            } else {
                if let name = assignedName { assigned.insert(name) }
                advance()
            }
        }
        return .opaque(word, assigned: assigned)
    }
}
