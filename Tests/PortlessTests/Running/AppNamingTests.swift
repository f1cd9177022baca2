import PortlessCore
import Projects
import Testing

@testable import portless

@Suite struct AppNamingTests {
    @Test func `a typed name stands as it is and is not explained`() throws {
        let naming = try AppNaming(exactly: "Api.MyApp")
        #expect(naming.name.description == "api.myapp")
        #expect(naming.lines == [])
    }

    @Test func `a project's name gets the worktree's prefix, and both are explained`() throws {
        let naming = try AppNaming(base: "shop", source: .packageJSON, prefix: "fix-cart")
        #expect(naming.name.description == "fix-cart.shop")
        #expect(
            naming.lines == [
                "-- Name \"shop\" (from package.json)",
                "-- Prefix \"fix-cart\" (from git branch)",
            ]
        )
    }

    @Test(arguments: ["", "a..b", "under_score", "-x-"])
    func `an impossible name is refused before anything starts`(text: String) {
        #expect(throws: NameError.self) { try AppNaming(exactly: text) }
    }
}
