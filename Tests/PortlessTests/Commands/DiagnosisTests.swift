import Machine
import PortlessCore
import SystemPackage
import Testing

@testable import portless

@Suite struct DiagnosisTests {
    @Test func `statuses stand in a column and hints below`() {
        #expect(Diagnosis.ok("fine").lines == ["ok   fine"])
        #expect(Diagnosis.warn("hm", hint: "do").lines == ["warn hm", "       do"])
        #expect(Diagnosis.fail("no").lines == ["fail no"])
        #expect(Diagnosis.info("by the way").lines == ["info by the way"])
    }

    @Test func `an error's remedy is the hint`() {
        let lease = LeaseError.unreadable("/s/ports.json", reason: "x")
        #expect(
            Diagnosis.fail(telling: lease).text
                == "The leases in /s/ports.json can't be understood: x."
        )
        #expect(Diagnosis.fail(telling: lease).hint?.hasPrefix("Repair the file") == true)
        #expect(Diagnosis.fail(telling: Failure("A.b. is bad.", remedy: "Do")).lines.count == 2)
        #expect(Diagnosis.fail(telling: Failure("Bad")) == .fail("Bad"))
    }

    @Test func `a diagnosis is an object in JSON`() {
        #expect(Diagnosis.warn("hm", hint: "do").json["status"]?.string == "warn")
        #expect(Diagnosis.warn("hm", hint: "do").json["hint"]?.string == "do")
        #expect(Diagnosis.ok("fine").json["hint"] == nil)
    }

    @Test func `trust is told a store a line`() {
        func line(_ status: TrustStatus) -> String { TrustReporting.line("Firefox", status) }
        #expect(line(.trusted) == "Firefox: trusted")
        #expect(line(.untrusted) == "Firefox: not trusted")
        #expect(line(.unavailable("no certutil")) == "Firefox: no certutil")
    }
}
