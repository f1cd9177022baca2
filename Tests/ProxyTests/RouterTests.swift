import HostSystem
import NIOCore
import NIOEmbedded
import PortlessCore
import Synchronization
import Testing

@testable import Proxy

@Suite struct RouterTests {
    private let owner = Route.Owner.process(ProcessIdentity(pid: 4711, startTime: 1))

    private func isFound(_ loop: ProxyLoop) -> Bool {
        let name = Array("app.localhost".utf8)
        return loop.router.route(authority: name.span, path: { [] }).upstream != nil
    }

    @Test func `an owner that has ended is noticed by the requests for its name`() throws {
        let eventLoop = EmbeddedEventLoop()
        let routes = try appRoute(4001, owner: owner)
        let loop = ProxyLoop.embedded(on: eventLoop, routes: routes)
        #expect(isFound(loop))
        routes.end(owner)
        eventLoop.advanceTime(by: .seconds(1))
        for _ in 0..<1000 { #expect(isFound(loop)) }
        #expect(routes.looks.withLock { $0 } == 1)
        eventLoop.advanceTime(by: .seconds(2))
        #expect(!isFound(loop))
        #expect(routes.looks.withLock { $0 } == 2)
        loop.router.close()
    }

    @Test func `without requests owners are left alone`() throws {
        let eventLoop = EmbeddedEventLoop()
        let routes = try appRoute(4001, owner: owner)
        let loop = ProxyLoop.embedded(on: eventLoop, routes: routes)
        #expect(isFound(loop))
        eventLoop.advanceTime(by: .hours(1))
        #expect(routes.looks.withLock { $0 } == 1)
        #expect(isFound(loop))
        #expect(routes.looks.withLock { $0 } == 2)
        loop.router.close()
    }

    @Test func `an alias has no owner to look at`() throws {
        let eventLoop = EmbeddedEventLoop()
        let routes = try appRoute(4001)
        let loop = ProxyLoop.embedded(on: eventLoop, routes: routes)
        for _ in 0..<3 {
            #expect(isFound(loop))
            eventLoop.advanceTime(by: .seconds(10))
        }
        #expect(routes.looks.withLock { $0 } == 0)
        loop.router.close()
    }
}
