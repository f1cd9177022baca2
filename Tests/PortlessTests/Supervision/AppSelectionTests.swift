import SystemPackage
import Testing

@testable import portless

@Suite struct AppSelectionTests {
    private let here = AppSelection.Choice(app: "shop", directory: "/shop")
    private let blog = AppSelection.Choice(app: "blog", directory: "/blog")

    private func select(_ words: String...) throws -> [AppSelection.Choice] {
        try AppSelection(words, here: here, known: [blog], processes: ["web", "db", "blog"]).choices
    }

    @Test func `without words the project here is meant`() throws {
        #expect(try select() == [here])
    }

    @Test func `a word is an app, else a process of the project here`() throws {
        #expect(try select("blog") == [blog])
        let some = AppSelection.Choice(app: "shop", directory: "/shop", processes: ["web", "db"])
        #expect(try select("web", "db") == [some])
        #expect(try select("shop", "web") == [here])
    }

    @Test func `in a worktree the project's name is the app of that folder`() throws {
        let here = AppSelection.Choice(app: "fix.shop", base: "shop", directory: "/fix")
        let main = AppSelection.Choice(app: "shop", directory: "/shop")
        func select(_ words: String..., refusal: Failure? = nil) throws -> [AppSelection.Choice] {
            try AppSelection(words, here: here, known: [main], processes: [], refusal: refusal)
                .choices
        }
        #expect(try select("shop") == [here])
        #expect(try select("Shop", "fix.shop") == [here])
        let refusal = Failure("Another folder has it.")
        #expect(throws: refusal) { try select("shop", refusal: refusal) }
    }

    @Test func `a process is found by the name that its file gives it`() throws {
        let selection = try AppSelection(
            ["my app ü"],
            here: here,
            known: [],
            processes: ["my-app--"],
        )
        #expect(selection.choices.map(\.processes) == [["my-app--"]])
    }

    @Test func `where the project here is refused, only a written name is taken`() throws {
        let refusal = Failure("Another folder has it.")
        func select(_ words: String..., here: AppSelection.Choice?) throws -> [String] {
            try AppSelection(
                words,
                here: here,
                known: [blog],
                processes: ["web"],
                refusal: refusal,
            ).choices.map(\.app)
        }
        #expect(try select("shop", here: here) == ["shop"])
        #expect(try select("blog", here: nil) == ["blog"])
        #expect(throws: refusal) { try select(here: here) }
        #expect(throws: refusal) { try select("web", here: here) }
        #expect(throws: refusal) { try select("shop", here: nil) }
    }

    @Test func `anything else is an error that says what there is`() {
        #expect {
            try select("wbe")
        } throws: { error in
            "\(error)".contains("Apps: blog, shop.") && "\(error)".contains("web, db")
        }
    }
}
