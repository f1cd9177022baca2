import PortlessCore
import Testing

@testable import Projects

@Suite struct IgnorePatternTests {
    @Test(
        arguments: [
            ("dist", "dist", true), ("dist", "dist2", false), ("*.log", "a.log", true),
            ("*.log", "a/b.log", false), ("a?c", "abc", true), ("a?c", "a/c", false),
            ("a?c", "aéc", true), ("**/tmp", "tmp", true), ("**/tmp", "a/b/tmp", true),
            ("**/tmp", "a/xtmp", false), ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true),
            ("a/**", "a/x/y", true), ("**", "a/b", true), ("\\*a", "*a", true),
            ("\\*a", "xa", false), ("a*b*c", "aXbYc", true), ("a*b*c", "aXbY", false),
        ]
    )
    func `patterns mean what git means`(pattern: String, path: String, matches: Bool) {
        #expect(IgnorePattern(pattern).matches(path.unicodeScalars) == matches)
    }

    @Test func `many stars take no longer than few`() {
        let pattern = IgnorePattern(String(repeating: "*a", count: 100) + "b")
        let text = String(repeating: "a", count: 250)
        let time = ContinuousClock().measure {
            #expect(!pattern.matches(text.unicodeScalars))
        }
        // Trying all ways to share the text among the stars would outlast the universe.
        #expect(time < .seconds(10))
    }
}
