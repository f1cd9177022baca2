import PortlessCore
import Testing

@Suite struct EphemeralPortPickerTests {
    private func pick(
        preferring preferred: Port? = nil,
        taken: Set<Port> = [],
        remembered: Set<Port> = [],
        isFree: (Port) throws -> Bool = { _ in true },
    ) throws -> Port {
        var generator = SystemRandomNumberGenerator()
        return try EphemeralPortPicker().pick(
            preferring: preferred,
            taken: taken,
            remembered: remembered,
            isFree: isFree,
            using: &generator,
        )
    }

    private var all: Set<Port> { Set(PortRange.ephemeral.ports) }

    @Test func `last time's port comes first`() throws {
        #expect(try pick(preferring: 4321) == 4321)
    }

    @Test func `unless it is taken, blocked, out of range or not free`() throws {
        #expect(try pick(preferring: 4321, taken: [4321]) != 4321)
        #expect(try pick(preferring: 4045) != 4045)
        #expect(try pick(preferring: 5000) != 5000)
        #expect(try pick(preferring: 4321, isFree: { $0 != 4321 }) != 4321)
    }

    @Test func `browsers' blocked ports are never chosen`() {
        #expect(throws: EphemeralPortPicker.Failure.self) {
            try pick(taken: all.subtracting([4045, 4190]))
        }
    }

    @Test func `others' ports are left to them while there is another`() throws {
        #expect(try pick(remembered: all.subtracting([4711])) == 4711)
        #expect(try pick(remembered: all, isFree: { $0 == 4712 }) == 4712)
    }

    @Test func `the last free port is found`() throws {
        #expect(try pick(isFree: { $0 == 4999 }) == 4999)
        #expect(try pick(isFree: { $0 == 4000 }) == 4000)
    }

    @Test func `none at all is an error in the original's words`() {
        let error = #expect(throws: EphemeralPortPicker.Failure.self) {
            try pick(isFree: { _ in false })
        }
        #expect(error?.description.contains("No free port found") == true)
    }
}
