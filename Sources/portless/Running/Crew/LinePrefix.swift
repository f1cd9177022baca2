import HostSystem

/// What stands in front of each line of an app's output.
struct LinePrefix: Sendable {
    /// Cyan, magenta, green, yellow, blue, red: those that read well on light and dark.
    private static let colors = [36, 35, 32, 33, 34, 31]

    let styled: StyledText

    var text: String { styled.text }

    init(label: String, index: Int, isColored: Bool) {
        let color = Self.colors[index % Self.colors.count]
        styled = TextStyle(isColored: isColored).colored("[\(label.visibleLine)]", color) + " "
    }
}
