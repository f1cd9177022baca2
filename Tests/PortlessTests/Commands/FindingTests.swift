import Machine
import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct FindingTests {
    @Test func `statuses stand in a column and hints below`() {
        #expect(Finding.ok("fine").lines == ["ok   fine"])
        #expect(Finding.warn("hm", hint: "do").lines == ["warn hm", "       do"])
        #expect(Finding.fail("no").lines == ["fail no"])
        #expect(Finding.info("by the way").lines == ["info by the way"])
    }

    @Test func `an error's remedy is the hint`() {
        let lease = LeaseError.unreadable("/s/ports.json", reason: "x")
        #expect(
            Finding.fail(telling: lease).text
                == "The leases in /s/ports.json can't be understood: x."
        )
        #expect(Finding.fail(telling: lease).hint?.hasPrefix("Repair the file") == true)
        #expect(Finding.fail(telling: Failure("A.b. is bad.", remedy: "Do")).lines.count == 2)
        #expect(Finding.fail(telling: Failure("Bad")) == .fail("Bad"))
    }

    @Test func `a finding is an object in JSON`() {
        #expect(Finding.warn("hm", hint: "do").json["status"]?.string == "warn")
        #expect(Finding.warn("hm", hint: "do").json["hint"]?.string == "do")
        #expect(Finding.ok("fine").json["hint"] == nil)
    }

    @Test func `trust is told a store a line`() {
        func line(_ status: TrustStatus) -> String { TrustReporting.line("Firefox", status) }
        #expect(line(.trusted) == "Firefox: trusted")
        #expect(line(.untrusted) == "Firefox: not trusted")
        #expect(line(.unavailable("no certutil")) == "Firefox: no certutil")
    }
}
