import PortlessCore

extension Console {
    /// Prints a QR code that a phone's camera reads from the screen.
    ///
    /// On a terminal black on white is set explicitly, from the part of the palette that themes leave
    /// alone. Elsewhere blocks stand for light modules, as for most terminals' own colours.
    func print(_ code: QRCode) {
        let setsColours = style.isColored && !isOutputVerbatim
        for line in code.lines(isDarkInk: setsColours) {
            print(styled: setsColours ? "\u{1B}[38;5;16;48;5;231m\(line)\u{1B}[0m" : "\(line)")
        }
    }
}
