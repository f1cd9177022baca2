import CLibrary

enum ProcessEnvironment {
    static var current: [String: String] {
        var result: [String: String] = [:]
        #if canImport(Darwin)
        var entry = _NSGetEnviron().pointee
        #else
        var entry = environ
        #endif
        while let text = entry.pointee {
            let variable = String(cString: text).split(separator: "=", maxSplits: 1)
            if variable.count == 2 { result[String(variable[0])] = String(variable[1]) }
            entry += 1
        }
        return result
    }
}
