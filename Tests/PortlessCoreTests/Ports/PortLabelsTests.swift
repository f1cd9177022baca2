import PortlessCore
import Testing

@Suite struct LabelTests {
    @Test(arguments: ["api", "Api-Local", "h2"])
    func `letters, digits and hyphens are a label`(text: String) {
        #expect(Label(text)?.description == text.lowercased())
    }

    @Test(arguments: ["", "a.b", "2x", "-a", "a_b", "a.", "ä"])
    func `what isn't one DNS label is none`(text: String) {
        #expect(Label(text) == nil)
    }
}
