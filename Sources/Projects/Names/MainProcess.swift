import PortlessCore

/// Chooses the process that gets the project's bare name: the one that people open in a browser.
package enum MainProcess {
    package struct Candidate: Hashable, Sendable {
        package var name: String
        /// The label of its first port; its own name, where it has no other.
        package var label: String
        /// Whether it serves pages, like Vite or Next.
        package var showsPages: Bool

        package init(name: String, label: String, showsPages: Bool = false) {
            self.name = name
            self.label = label
            self.showsPages = showsPages
        }

        /// The lower, the likelier it is the main one.
        fileprivate var rank: Int {
            if name == "web" { return 0 }
            let role = PortLabels.main(
                ofProcess: name,
                running: showsPages ? .pages : .other,
                otherwise: "",
            )
            let last = name.lowercased().split { !$0.isLetter }.last.map { String($0) } ?? ""
            if label.lowercased() == "ui" || role == "ui" {
                return MainProcess.aside.contains(last) ? 2 : 1
            }
            return label.lowercased() == "api" || role == "api" ? 3 : 4
        }
    }

    /// The first one with the lowest rank; nil for an empty list.
    package static func index(among candidates: [Candidate]) -> Int? {
        candidates.indices.min { (candidates[$0].rank, $0) < (candidates[$1].rank, $1) }
    }

    /// Names of pages beside the main ones.
    private static let aside: Set<String> = ["admin", "dashboard", "docs", "storybook"]
}
