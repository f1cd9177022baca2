import PortlessCore
import Testing

@Suite struct LabelTests {
    @Test(arguments: [("api", "API_PORT"), ("Api-Local", "API_LOCAL_PORT"), ("h2", "H2_PORT")])
    func `a label gives its variable`(text: String, variable: String) {
        #expect(Label(text)?.environmentVariable == variable)
    }

    @Test(arguments: ["", "a.b", "2x", "-a", "a_b", "a.", "ä"])
    func `what isn't one DNS label is none`(text: String) {
        #expect(Label(text) == nil)
    }
}
