import PortlessCore
import SystemPackage
import Testing

@testable import Machine

@Suite struct HostsBlockTests {
    private static let system = """
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost   # the machine's own


        192.168.1.9 printer

        """

    private let usual = HostsBlock(directory: "/home/ann/.portless", isUsual: true)
    private let other = HostsBlock(directory: "/tmp/state", isUsual: false)
    private let names: [Hostname]

    init() throws {
        names = [try name("web.localhost"), try name("api.web.localhost")]
    }

    private let golden = """
        # portless-start
        # of /home/ann/.portless
        127.0.0.1 api.web.localhost
        ::1 api.web.localhost
        127.0.0.1 web.localhost
        ::1 web.localhost
        # portless-end

        """

    @Test func `the block is appended, for both families, and all else stays`() {
        #expect(usual.applied(to: Self.system, names: names) == Self.system + "\n" + golden)
    }

    @Test func `in a file with carriage returns all lines have them`() {
        let windows = Self.system.replacing("\n", with: "\r\n")
        for block in [usual, other] {
            let text = block.applied(to: windows, names: names)
            #expect(text.hasPrefix(windows))
            #expect(
                text == block.applied(to: Self.system, names: names).replacing("\n", with: "\r\n")
            )
            #expect(block.names(in: text) == Set(names))
            #expect(block.applied(to: text, names: names) == text)
            #expect(block.applied(to: text, names: []) == windows)
            #expect(HostsBlock.removingAbandoned(from: text) { $0 != "/tmp/state" } == text)
        }
    }

    @Test func `applying twice changes nothing`() {
        let once = usual.applied(to: Self.system, names: names)
        #expect(usual.applied(to: once, names: names) == once)
        #expect(usual.applied(to: once, names: names.reversed() + names) == once)
    }

    @Test func `removing gives the file back byte by byte`() {
        for block in [usual, other] {
            let text = block.applied(to: Self.system, names: names)
            #expect(block.applied(to: text, names: []) == Self.system)
        }
    }

    @Test(arguments: ["", "127.0.0.1 localhost", "\n\n"])
    func `without block and names not even the end of the file changes`(text: String) {
        #expect(usual.applied(to: text, names: []) == text)
    }

    @Test func `a block is rewritten where it stands`() throws {
        let text = golden + "10.0.0.1 router\n"
        let new = usual.applied(to: text, names: [try name("x.test")])
        #expect(
            new == """
                # portless-start
                # of /home/ann/.portless
                127.0.0.1 x.test
                ::1 x.test
                # portless-end
                10.0.0.1 router

                """
        )
    }

    @Test func `the original's block becomes ours in its usual directory only`() throws {
        let original = """
            127.0.0.1 localhost

            # portless-start
            127.0.0.1 old.localhost
            # portless-end

            """
        let taken = usual.applied(to: original, names: names)
        #expect(taken == "127.0.0.1 localhost\n\n" + golden)

        let beside = other.applied(to: original, names: [try name("x.test")])
        #expect(
            beside == original + """

                # portless-block-start /tmp/state
                127.0.0.1 x.test
                ::1 x.test
                # portless-block-end /tmp/state

                """
        )
    }

    @Test func `the original, removing its block, leaves that of another directory whole`() {
        let text = other.applied(to: "", names: names)
        // It cuts from the first start marker to the end of the first end marker, as text.
        #expect(text.firstRange(of: "# portless-start") == nil)
        #expect(text.firstRange(of: "# portless-end") == nil)
    }

    @Test func `two users' usual directories don't take each other's block`() throws {
        let ben = HostsBlock(directory: "/home/ben/.portless", isUsual: true)
        let ann = usual.applied(to: Self.system, names: names)
        let both = ben.applied(to: ann, names: [try name("ben.test")])
        #expect(both.hasPrefix(ann))
        // A second plain block would be the first one's to the original.
        #expect(both.contains("\n# portless-block-start /home/ben/.portless\n127.0.0.1 ben.test\n"))
        #expect(usual.names(in: both) == Set(names))
        #expect(ben.names(in: both) == [try name("ben.test")])
        #expect(usual.applied(to: both, names: []).contains("ben.test"))
        #expect(ben.applied(to: both, names: []) == ann)
    }

    @Test func `several blocks of one directory become one`() {
        let text = golden + "\n" + golden
        #expect(usual.applied(to: text, names: names) == golden)
    }

    @Test func `a block without its end takes nothing of others with it`() {
        let text = """
            # portless-start
            127.0.0.1 old.localhost
            10.0.0.1 router
            # portless-end

            """
        #expect(
            usual.applied(to: text, names: []) == """
                10.0.0.1 router
                # portless-end

                """
        )
    }

    @Test func `a line that was commented out goes with the block`() {
        let text = golden.replacing("127.0.0.1 web", with: "#127.0.0.1 web")
        #expect(usual.names(in: text) == [names[1]])
        #expect(usual.applied(to: text, names: names) == golden)
        #expect(usual.applied(to: text, names: []) == "")
    }

    @Test func `blocks of directories that are gone are dropped, others stay`() throws {
        let gone = HostsBlock(directory: "/tmp/gone dir", isUsual: false)
        let kept = other.applied(to: usual.applied(to: Self.system, names: names), names: names)
        let text = gone.applied(to: kept, names: [try name("x.test")])
        #expect(HostsBlock.removingAbandoned(from: text) { $0 == "/tmp/gone dir" } == kept)
        #expect(HostsBlock.removingAbandoned(from: text) { _ in false } == text)
    }

    @Test func `a name with one family only is missing`() throws {
        let text = """
            # portless-start
            127.0.0.1 a.test b.test
            ::1 b.test
            # portless-end

            """
        #expect(usual.names(in: text) == [try name("b.test")])
        #expect(usual.names(in: "127.0.0.1 a.test\n::1 a.test\n") == nil)
    }
}
