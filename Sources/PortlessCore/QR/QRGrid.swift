/// The modules of a QR code while it is drawn (ISO/IEC 18004 sections 6.3, 7.7 to 7.10).
struct QRGrid: Hashable, Sendable {
    let size: Int
    private let version: QRVersion
    private var dark: [Bool]
    /// Modules that hold a pattern and no data.
    private var isFunction: [Bool]

    /// A grid with all patterns, the places of format and version included.
    init(_ version: QRVersion) {
        self.version = version
        size = version.size
        dark = Array(repeating: false, count: size * size)
        isFunction = dark
        for index in 0..<size {
            draw(index % 2 == 0, 6, index)
            draw(index % 2 == 0, index, 6)
        }
        for (row, column) in [(3, 3), (3, size - 4), (size - 4, 3)] { drawFinder(row, column) }
        let centres = version.alignmentCentres
        for row in centres {
            for column in centres where !isFinder(row, column, centres) {
                drawSquares(row, column, reach: 2) { $0 != 1 }
            }
        }
        drawFormat(0)
        drawVersion()
    }

    subscript(row: Int, column: Int) -> Bool { dark[row * size + column] }

    private mutating func draw(_ isDark: Bool, _ row: Int, _ column: Int) {
        dark[row * size + column] = isDark
        isFunction[row * size + column] = true
    }

    // MARK: Patterns

    private func isFinder(_ row: Int, _ column: Int, _ centres: [Int]) -> Bool {
        let isFirst = (row == centres.first, column == centres.first)
        let isLast = (row == centres.last, column == centres.last)
        return isFirst.0 && isFirst.1 || isFirst.0 && isLast.1 || isLast.0 && isFirst.1
    }

    /// With the light line around it.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        drawSquares(row, column, reach: 4) { $0 != 2 && $0 != 4 }
    }

    /// Squares around a centre: `isDark` is given the distance from it.
    private mutating func drawSquares(
        _ row: Int,
        _ column: Int,
        reach: Int,
        isDark: (Int) -> Bool,
    ) {
        let inside = 0..<size
        for down in -reach...reach {
            for right in -reach...reach
            where inside.contains(row + down) && inside.contains(column + right) {
                draw(isDark(max(abs(down), abs(right))), row + down, column + right)
            }
        }
    }

    /// Which correction and mask it has, twice, and the module that is always dark.
    private mutating func drawFormat(_ bits: Int) {
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0..<15 {
            let near = index < 6 ? index : index < 8 ? index + 1 : 14 - index
            if index < 8 {
                draw(bit(index), near, 8)
                draw(bit(index), 8, size - 1 - index)
            } else {
                draw(bit(index), 8, index == 8 ? 7 : near)
                draw(bit(index), size - 15 + index, 8)
            }
        }
        draw(true, size - 8, 8)
    }

    private mutating func drawVersion() {
        guard version.number >= 7 else { return }
        let bits = version.number << 12 | Self.check(version.number, bits: 12, generator: 0x1F25)
        for index in 0..<18 {
            let isDark = bits >> index & 1 == 1
            draw(isDark, index / 3, size - 11 + index % 3)
            draw(isDark, size - 11 + index % 3, index / 3)
        }
    }

    /// The remainder of a BCH code.
    private static func check(_ value: Int, bits: Int, generator: Int) -> Int {
        (0..<bits).reduce(value) { rest, _ in
            rest << 1 ^ (rest >> (bits - 1)) * generator
        }
    }

    // MARK: Data

    /// Puts the codewords into the modules that are left, in columns of two from the right, up and
    /// down in turn.
    mutating func place(_ codewords: [UInt8]) {
        var index = 0
        // The vertical timing pattern has a column for itself.
        let rights = [Int](stride(from: size - 1, to: 6, by: -2)) + stride(from: 5, to: 0, by: -2)
        for (pass, right) in rights.enumerated() {
            for step in 0..<size {
                let row = pass % 2 == 0 ? size - 1 - step : step
                for column in [right, right - 1] where !isFunction[row * size + column] {
                    // The bits that are left over stay light.
                    guard index < codewords.count * 8 else { return }
                    let bit = codewords[index / 8] >> UInt8(7 - index % 8) & 1
                    dark[row * size + column] = bit == 1
                    index += 1
                }
            }
        }
    }

    // MARK: Masks

    /// The mask under which the code is read most easily, and the finished grid.
    func bestMasked(_ correction: QRCorrection) -> (mask: Int, grid: QRGrid) {
        let grids = (0..<8).map { (mask: $0, grid: masked($0, correction)) }
        let penalties = grids.map(\.grid.penalty)
        let best = penalties.indices.min { penalties[$0] < penalties[$1] } ?? 0
        return grids[best]
    }

    private func masked(_ mask: Int, _ correction: QRCorrection) -> QRGrid {
        var grid = self
        for row in 0..<size {
            for column in 0..<size
            where !isFunction[row * size + column] && Self.inverts(mask, row, column) {
                grid.dark[row * size + column].toggle()
            }
        }
        let data = (correction == .low ? 0b01 : 0b00) << 3 | mask
        grid.drawFormat((data << 10 | Self.check(data, bits: 10, generator: 0x537)) ^ 0x5412)
        return grid
    }

    private static func inverts(_ mask: Int, _ row: Int, _ column: Int) -> Bool {
        let product = row * column
        return switch mask {
        case 0: (row + column) % 2 == 0
        case 1: row % 2 == 0
        case 2: column % 3 == 0
        case 3: (row + column) % 3 == 0
        case 4: (row / 2 + column / 3) % 2 == 0
        case 5: product % 2 + product % 3 == 0
        case 6: (product % 2 + product % 3) % 2 == 0
        default: ((row + column) % 2 + product % 3) % 2 == 0
        }
    }

    /// What makes a code hard to read (section 7.8.3): long runs, blocks, patterns like a finder's,
    /// and an uneven share of dark modules.
    private var penalty: Int {
        let lines = (0..<size).flatMap { line in
            [(0..<size).map { self[line, $0] }, (0..<size).map { self[$0, line] }]
        }
        var result = lines.reduce(0) { $0 + Self.penaltyOfRuns($1) + Self.penaltyOfFinders($1) }
        for row in 1..<size {
            for column in 1..<size {
                let isDark = self[row, column]
                if self[row - 1, column] == isDark, self[row, column - 1] == isDark,
                    self[row - 1, column - 1] == isDark
                {
                    result += 3
                }
            }
        }
        let share = dark.count { $0 } * 20
        let half = dark.count * 10
        return result + abs(share - half) / dark.count * 10
    }

    private static func penaltyOfRuns(_ line: [Bool]) -> Int {
        var result = 0
        var run = 0
        for (index, isDark) in line.enumerated() {
            run = index > 0 && line[index - 1] == isDark ? run + 1 : 1
            if run == 5 { result += 3 } else if run > 5 { result += 1 }
        }
        return result
    }

    /// 1:1:3:1:1 with four light modules on one side; those beyond the edge are light.
    private static func penaltyOfFinders(_ line: [Bool]) -> Int {
        let finder = [true, false, true, true, true, false, true]
        return (0...(line.count - finder.count)).reduce(0) { result, start in
            guard line[start..<(start + 7)].elementsEqual(finder) else { return result }
            let isLightBefore = !line[max(0, start - 4)..<start].contains(true)
            let isLightAfter = !line[(start + 7)..<min(line.count, start + 11)].contains(true)
            return result + (isLightBefore ? 40 : 0) + (isLightAfter ? 40 : 0)
        }
    }
}
