import HostSystem
import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain, ünïcode, 日本語 and 👩‍👩‍👧", "plain, ünïcode, 日本語 and 👩‍👩‍👧"),
        ("a\nb\tc", "a\nb\tc"),
        ("\u{1B}]52;c;cm0gLXJm\u{07}", "\\u001b]52;c;cm0gLXJm\\u0007"),
        ("\u{9B}31m\u{90}\u{7F}", "\\u009b31m\\u0090\\u007f"),
        ("a\rb\u{08}\u{00}", "a\\u000db\\u0008\\u0000"),
        ("\r\n", "\\u000d\n"),
        ("admin\u{202E}nimda\u{2066}\u{2069}", "admin\\u202enimda\\u2066\\u2069"),
        ("in\u{200B}visible\u{2028}", "in\\u200bvisible\\u2028"),
    ])
    func `what a terminal obeys is written out`(text: String, visible: String) {
        #expect(text.visible == visible)
        #expect(text.visible.visible == visible)
    }

    @Test func `no control character is left out`() {
        for value in Array(0x00...0x1F) + Array(0x7F...0x9F) where ![0x09, 0x0A].contains(value) {
            let scalar = Unicode.Scalar(UInt8(value))
            #expect(String(Character(scalar)).visible.hasPrefix("\\u00"), "\(value)")
        }
    }

    @Test func `a line stays a line`() {
        #expect("a\nb\tc\u{1B}".visibleLine == "a\\nb\\tc\\u001b")
    }
}
