/// What a parent is told of its child.
package enum ProcessChange: Hashable, Sendable {
    case ended(ProcessEnd)
    case stopped(Signal)
    case continued
}
