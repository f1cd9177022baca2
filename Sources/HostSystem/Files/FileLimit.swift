/// How long files may be that are read as a whole, in bytes.
package enum FileLimit {
    /// State files, certificates and bundles of them: many times what any of them has.
    package static let state = 8 << 20
    /// What the kernel writes when it is asked: a machine's sockets, a process's environment.
    static let kernel = 64 << 20
    /// A file that says one thing in one line, such as git's `HEAD`.
    package static let line = 64 << 10
}
