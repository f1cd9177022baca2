import PortlessCore
import Testing

@Suite struct DNSLabelTests {
    @Test(arguments: [
        ("My App", "my-app"), ("a__b..c", "a-b-c"), ("--x--", "x"), ("Ünï-code", "n-code"),
        ("___", ""), ("feature/ABC-1", "feature-abc-1"),
    ])
    func `any text becomes a label`(text: String, expected: String) {
        #expect(DNSLabel.sanitized(text) == expected)
    }

    @Test func `long labels end in a hash of the whole`() {
        let long = String(repeating: "a", count: 80)
        #expect(DNSLabel.truncated(long) == String(repeating: "a", count: 56) + "-0f45e8")
        let short = String(repeating: "a", count: 63)
        #expect(DNSLabel.truncated(short) == short)
    }

    @Test func `no hyphen is doubled where a label is cut`() {
        let label = String(repeating: "a", count: 54) + "--" + String(repeating: "b", count: 20)
        let cut = DNSLabel.truncated(label)
        #expect(cut.hasPrefix(String(repeating: "a", count: 54) + "-"))
        #expect(cut.count == 61)
    }

    @Test func `each label of a name is cut on its own`() {
        let long = String(repeating: "a", count: 80)
        let cut = String(repeating: "a", count: 56) + "-0f45e8"
        #expect(DNSLabel.truncatingEach("x.\(long).y") == "x.\(cut).y")
    }
}
