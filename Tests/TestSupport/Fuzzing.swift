import CLibrary

/// Rounds of a test with hostile input: seeded, so that a failure can be repeated.
///
/// A test runs a fixed number of rounds, and under `make fuzz` as many as fit into a time:
///
///     for var round in Fuzzing.rounds(default: 2_000) {
///         let input = round.input(from: seeds, inserting: words)
///         guard let found = violation(input) else { continue }
///         Issue.record("\(round) \(found): \(input)")
///         return
///     }
///
/// The environment decides:
///
/// - `PORTLESS_FUZZ_SECONDS`: how long each loop goes on; it then prints how many rounds it made
/// - `PORTLESS_FUZZ_SEED`: where the random numbers begin
/// - `PORTLESS_FUZZ_ROUND`: the only round to run, as the failure named it
/// - `PORTLESS_FUZZ_PROGRESS`: a folder in which a file for each loop names its current round, so
///   that a round that ends the process is known afterwards
package enum Fuzzing {
    package static func rounds(
        default count: Int,
        file: String = #fileID,
        line: Int = #line,
    ) -> FuzzRounds {
        FuzzRounds(
            seed: number("PORTLESS_FUZZ_SEED").map(UInt64.init) ?? 1,
            count: count,
            only: number("PORTLESS_FUZZ_ROUND").map(Int.init),
            seconds: number("PORTLESS_FUZZ_SECONDS").map(Double.init),
            place: (file.split(separator: "/").last.map(String.init) ?? file) + ":\(line)",
            progress: getenv("PORTLESS_FUZZ_PROGRESS").map { String(cString: $0) },
        )
    }

    private static func number(_ name: String) -> UInt32? {
        getenv(name).flatMap { UInt32(String(cString: $0)) }
    }
}

/// The rounds of one loop.
package struct FuzzRounds: Sequence, IteratorProtocol {
    private let seed: UInt64
    private let count: Int
    private let only: Int?
    private let seconds: Double?
    private let place: String
    /// Open as long as the tests run: a loop has one, and a crash leaves its text in place.
    private let progress: CInt?
    private var number = 0
    private var start: ContinuousClock.Instant?

    fileprivate init(
        seed: UInt64,
        count: Int,
        only: Int?,
        seconds: Double?,
        place: String,
        progress: String?,
    ) {
        self.seed = seed
        self.count = count
        self.only = only
        self.seconds = seconds
        self.place = place
        self.progress = progress.map {
            open("\($0)/\(place)", O_CREAT | O_WRONLY | O_TRUNC, 0o644)
        }
    }

    package mutating func next() -> FuzzRound? {
        if let only {
            guard number == 0 else { return nil }
            number = 1
            return round(only)
        }
        guard goesOn() else { return nil }
        defer { number += 1 }
        return round(number)
    }

    private mutating func goesOn() -> Bool {
        guard let seconds else { return number < count }
        let now = ContinuousClock.now
        let start = self.start ?? now
        self.start = start
        if start.duration(to: now) < .seconds(seconds) { return true }
        print("fuzzed \(place): \(number) rounds of seed \(seed)")
        return false
    }

    private func round(_ number: Int) -> FuzzRound {
        let round = FuzzRound(number: number, seed: seed)
        if let progress {
            let text = "\(round)\n"
            pwrite(progress, text, text.utf8.count, 0)
        }
        return round
    }
}

/// One round, with random numbers that depend only on the seed and the round's number.
package struct FuzzRound: CustomStringConvertible {
    package let number: Int
    package let seed: UInt64
    package var random: Mutator

    fileprivate init(number: Int, seed: UInt64) {
        self.number = number
        self.seed = seed
        var start = Mutator(seed: seed)
        random = Mutator(seed: start.next() &+ UInt64(truncatingIfNeeded: number))
    }

    package var description: String { "round \(number) of seed \(seed)" }

    /// A mutant of one of the seeds, byte by byte.
    package mutating func input(
        from seeds: [[UInt8]],
        inserting words: [[UInt8]] = [],
    ) -> [UInt8] {
        random.input(from: seeds, inserting: words)
    }

    /// A mutant of one of the seeds, as text: bytes are changed, and broken UTF-8 repaired.
    package mutating func text(
        from seeds: [String],
        inserting words: [String] = [],
    ) -> String {
        let bytes = random.input(
            from: seeds.map { Array($0.utf8) },
            inserting: words.map { Array($0.utf8) },
        )
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A mutant of one of the seeds, line by line, and then a few bytes: for formats in which lines
    /// and their indentation have a meaning.
    package mutating func lines(
        from seeds: [String],
        inserting words: [String] = [],
    ) -> String {
        let bytes = random.lines(
            from: seeds.map { Array($0.utf8) },
            inserting: words.map { Array($0.utf8) },
        )
        return String(decoding: bytes, as: UTF8.self)
    }
}
