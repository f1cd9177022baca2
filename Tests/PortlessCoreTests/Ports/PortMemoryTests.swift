import HostSystem
import PortlessCore
import SystemPackage
import TestSupport
import Testing

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
            try directory.write("[broken", to: directory.rememberedPorts)
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
            let first = try start(name)
            try store.remove([name], ownedBy: nil)
            #expect(try start(hostname("b.localhost")) != first)
            #expect(try start(name) == first)
        }
    }
}
