/// The apps of a crew and where they are reached.
enum CrewTable {
    static func lines(_ members: [CrewMember]) -> [String] {
        let rows = members.compactMap { member in
            member.url.map { (label: member.plan.label, url: $0) }
        }
        let width = rows.map(\.label.count).max() ?? 0
        return rows.map { row in
            let padding = String(repeating: " ", count: width - row.label.count)
            return "  \(row.label)\(padding)  ->  \(row.url)"
        }
    }
}
