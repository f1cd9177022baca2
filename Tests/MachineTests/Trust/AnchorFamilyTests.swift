import SystemPackage
import Testing

@testable import Machine

@Suite struct AnchorFamilyTests {
    @Test(arguments: [
        ("ID=debian\n", "/usr/local/share/ca-certificates"),
        ("NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n", "/usr/local/share/ca-certificates"),
        ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "/usr/local/share/ca-certificates"),
        ("ID=fedora\n", "/etc/pki/ca-trust/source/anchors"),
        ("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "/etc/pki/ca-trust/source/anchors"),
        ("ID_LIKE=\"suse arch\"\nID=fedora\n", "/etc/pki/ca-trust/source/anchors"),
        ("ID=arch\n", "/etc/ca-certificates/trust-source/anchors"),
        ("ID=manjaro\nID_LIKE=arch\n", "/etc/ca-certificates/trust-source/anchors"),
        ("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "/etc/pki/trust/anchors"),
        ("ID='sles'\n", "/etc/pki/trust/anchors"),
    ])
    func `os-release names the family`(osRelease: String, directory: String) {
        let family = AnchorFamily.detect(
            osRelease: osRelease,
            has: { _ in false },
            isDirectory: { _ in false },
        )
        #expect(family?.directory == FilePath(directory))
    }

    @Test func `a name that only looks like a family's is none`() {
        // The original searches the whole text, and takes Archcraft's home page for Arch.
        let family = AnchorFamily.detect(
            osRelease: "ID=nixos\nHOME_URL=\"https://search.example/arch\"\n",
            has: { _ in false },
            isDirectory: { _ in false },
        )
        #expect(family == nil)
    }

    @Test func `an unknown distribution is known by its command and folder`() {
        let family = AnchorFamily.detect(
            osRelease: "ID=strange\n",
            has: { $0 == "update-ca-certificates" },
            isDirectory: { $0 == "/usr/local/share" },
        )
        #expect(family?.directory == "/usr/local/share/ca-certificates")
    }
}
