import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
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

@Suite struct PortMemoryTests {
    private func hostname(_ name: String) throws -> Hostname { try #require(Hostname(name)) }

    @Test func `a port is remembered for each name`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            var memory = PortMemory(reading: directory)
            memory.remember(4001, for: try hostname("a"))
            memory.remember(4002, for: try hostname("b"))
            try memory.save(to: directory)
            let again = PortMemory(reading: directory)
            #expect(try again[hostname("a")] == 4001)
            #expect(try again.ports(except: hostname("a")) == [4002])
        }
    }

    @Test func `an unreadable file is forgotten`() throws {
        try TemporaryDirectory.with { folder in
            let directory = StateDirectory(path: folder)
            try directory.write("[broken", to: directory[.rememberedPorts])
            let port = try PortMemory(reading: directory)[hostname("a")]
            #expect(port == nil)
        }
    }

    @Test func `what was noted longest ago goes first`() throws {
        try TemporaryDirectory.with { folder in
            var memory = PortMemory(reading: StateDirectory(path: folder))
            for index in 0..<501 { memory.remember(4001, for: try hostname("a\(index)")) }
            #expect(try memory[hostname("a0")] == nil)
            #expect(try memory[hostname("a1")] == 4001)
            #expect(try memory[hostname("a500")] == 4001)
        }
    }

    @Test func `an app that comes back has its port again, and another app doesn't`() throws {
        try TemporaryDirectory.with { folder in
            let store = RoutesStore(directory: StateDirectory(path: folder))
            let name = try hostname("a.localhost")
            func start(_ name: Hostname) throws -> Port {
                try store.registerOnEphemeralPort(
                    [name],
                    owner: .process(.current),
                    isFree: { _ in true },
                ).port
            }
            // A full disk has left it so.
            try store.directory.write("", to: store.directory[.rememberedPorts])
            let first = try start(name)
            try store.remove([name], ownedBy: nil)
            #expect(try start(hostname("b.localhost")) != first)
            #expect(try start(name) == first)
        }
    }
}
