import CHostSystem

/// Memory that was freed and that the C library keeps for its next use.
package enum UnusedMemory {
    /// Gives it back to the system, which takes a millisecond or so: for quiet moments.
    package static func giveBack() {
        chs_give_back_memory()
    }
}
