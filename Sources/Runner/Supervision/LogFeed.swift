import PortlessCore

/// The lines of an app for one reader: first from the logs, then as the keeper sends them.
///
/// A reader that is too slow for that reads the log again from where it was. It does so on its own
/// thread, so that no other reader waits for the disk.
struct LogFeed: AsyncSequence, Sendable {
    enum Start: Sendable {
        /// The second case is for the news of a process of which no line was among the last ones.
        case last(Int, now: Int64)
        /// A cursor.
        case after(Int64)
    }

    let files: [LogFile]
    let start: Start
    let id: Int
    let news: AsyncStream<SupervisorModel.News>
    let model: SupervisorModel

    func makeAsyncIterator() -> Iterator { Iterator(self) }

    struct Iterator: AsyncIteratorProtocol {
        private let feed: LogFeed
        private var news: AsyncStream<SupervisorModel.News>.Iterator
        /// Lines of the log that come before the news; nil until they are looked for.
        private var past: AnyIterator<LogLine>?
        /// The cursor of the last line of each process that was returned.
        private var seen: [String: Int64] = [:]

        fileprivate init(_ feed: LogFeed) {
            self.feed = feed
            news = feed.news.makeAsyncIterator()
        }

        mutating func next() async -> LogLine? {
            if past == nil { past = firstLines() }
            while true {
                while let line = past?.next() {
                    if isNew(line) { return line }
                }
                switch await news.next(isolation: #isolation) {
                case .line(let line):
                    feed.model.took(line, feed.id)
                    if isNew(line) { return line }
                case .missed:
                    // Before the log is read: the keeper sends all lines from now on.
                    feed.model.rejoin(feed.id)
                    let missed = missedLines()
                    guard missed.isComplete else { return nil }
                    past = missed.makeIterator()
                case nil: return nil
                }
            }
        }

        private func firstLines() -> AnyIterator<LogLine> {
            switch feed.start {
            case .last(let count, _):
                LogExcerpt(of: feed.files, last: count).makeIterator()
            case .after:
                missedLines().makeIterator()
            }
        }

        private func missedLines() -> LogExcerpt {
            let start =
                switch feed.start {
                case .last(_, let now): now
                case .after(let cursor): cursor
                }
            return LogExcerpt(of: feed.files, last: .max, isBounded: false) { seen[$0] ?? start }
        }

        private mutating func isNew(_ line: LogLine) -> Bool {
            guard line.cursor > seen[line.process] ?? .min else { return false }
            seen[line.process] = line.cursor
            return true
        }
    }
}
