/// The word that was probably meant by a mistyped one.
enum Suggestion {
    /// Nil where none is near enough to be sure.
    static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let limit = word.count < 5 ? 1 : 2
        var best: (word: String, distance: Int)?
        for candidate in Set(words).sorted() where candidate != word {
            let distance = distance(word, candidate)
            if distance <= limit, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.word
    }

    /// How many characters have to be added, left out, replaced or swapped with the next one.
    static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one), Array(other))
        // Words of people are short; others are no slips.
        guard one.count <= 40, other.count <= 40 else { return .max }
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                let isSame = one[i] == other[j]
                var cost = min(rows[i][j] + (isSame ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    cost = min(cost, rows[i - 1][j - 1] + 1)
                }
                row.append(cost)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
