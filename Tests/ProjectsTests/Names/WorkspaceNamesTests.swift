import PortlessCore
import Testing

@testable import Projects

@Suite struct WorkspaceNamesTests {
    @Test func `the project's name is configured, or the scope most packages share`() {
        #expect(WorkspaceNames.project(configured: "shop", packageNames: ["@a/x"]) == "shop")
        #expect(
            WorkspaceNames.project(configured: nil, packageNames: ["@b/x", "@a/y", "@a/z"]) == "a"
        )
        #expect(WorkspaceNames.project(configured: nil, packageNames: ["@b/x", "@a/y"]) == "b")
        #expect(WorkspaceNames.project(configured: nil, packageNames: ["x", "y"]) == nil)
    }

    @Test(
        arguments: [
            ("www", "@acme/web", "apps/web", "www"),
            (nil, "@acme/web", "apps/web", "web.acme"),
            (nil, "@acme/acme", "apps/acme", "acme"),
            (nil, "acme", "apps/acme", "acme"),
            (nil, nil, "apps/Web_App", "apps-web-app.acme"),
        ] as [(String?, String?, String, String)]
    )
    func `an app is named within its project`(
        configured: String?,
        package: String?,
        path: String,
        expected: String,
    ) {
        let name = WorkspaceNames.app(
            configured: configured,
            packageName: package,
            path: path,
            project: "acme",
        )
        #expect(name == expected)
    }
}
