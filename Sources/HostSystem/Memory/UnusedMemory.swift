import CHostSystem

/// Memory that was freed and that the C library keeps for its next use.
package enum UnusedMemory {
    /// Gives it back to the system, which takes a millisecond or so: for quiet moments.
    package static func giveBack() {
        chs_give_back_memory()
    }

    /// Gives that back and the program's own pages as well.
    ///
    /// For a process of one thread that has done most of its work and stays, such as a holder. Code
    /// that runs again is mapped again.
    package static func shrinkProcess() {
        chs_give_back_memory()
        chs_forget_program_pages()
    }
}
