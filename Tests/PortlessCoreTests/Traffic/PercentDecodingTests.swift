import Testing

@testable import PortlessCore

@Suite struct PercentDecodingTests {
    @Test(arguments: [
        ("shop", "shop"), ("my%20shop", "my shop"), ("%C3%A9%2f", "é/"), ("%", "%"),
        ("%4", "%4"), ("%zz", "%zz"), ("%+1", "%+1"), ("%ff", "%ff"), ("100%25", "100%"),
    ])
    func `a broken encoding stands for itself`(text: String, decoded: String) {
        #expect(text.percentDecoded == decoded)
    }
}
