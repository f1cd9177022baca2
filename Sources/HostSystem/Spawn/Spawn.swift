import CHostSystem
package import SystemPackage

/// A process to be started: everything it gets, with nothing inherited by accident.
///
/// Every descriptor from 3 up is closed except those passed, the signal mask is empty, and the
/// signals that this process handles are back at their defaults.
package struct Spawn: Sendable {
    /// Where the process stands towards the terminal.
    package enum Group: Hashable, Sendable {
        /// This process's own group.
        case inherited
        /// A group of its own in this session, so that job control still reaches it.
        case own
        /// A group of this session that another process leads.
        case member(of: ProcessGroup)
        /// A session of its own, out of reach of the terminal and its hang-up.
        case ownSession
    }

    /// The program itself; PATH is not searched.
    package var executable: FilePath
    /// What the program is told to be its name, as `ps` shows it; nil: its path.
    package var name: String?
    /// The arguments behind the name.
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: FilePath?
    package var standardInput = FileDescriptor.standardInput
    package var standardOutput = FileDescriptor.standardOutput
    package var standardError = FileDescriptor.standardError
    /// Listening sockets that become 3, 4 and so on in the new process, which is told of them as
    /// systemd does it (see `SocketActivation`).
    package var passedListeners: [FileDescriptor] = []
    /// Descriptors that follow them.
    package var passedDescriptors: [FileDescriptor] = []
    package var group = Group.inherited
    /// Signals that this process was told to ignore, as by `nohup`, stay ignored.
    package var keepsIgnoredSignals = false
    /// The new group takes this terminal's foreground before the program runs.
    package var foregroundTerminal: Terminal?
    /// Where the process writes its PID (four bytes, native order) before it runs its program, so
    /// that the reader knows of it even if this process is killed in between.
    package var announcement: FileDescriptor?

    package init(
        executable: FilePath,
        arguments: [String],
        environment: [String: String],
        workingDirectory: FilePath? = nil,
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }

    /// Starts the process; a program that can't be run is an error here, not an exit code later.
    package func start() throws(SystemError) -> ChildProcess {
        var pid: Int32 = -1
        let failure = withRequest { chs_start(&$0, &pid) }
        guard failure == 0 else { throw error(failure) }
        return ChildProcess(pid: pid)
    }

    /// Runs the program in place of this one, in the same process.
    ///
    /// After an error the descriptors may be gone: all that can be done then is to say so and end.
    package func replaceThisProcess() throws(SystemError) -> Never {
        throw error(withRequest { chs_replace(&$0) })
    }

    private func error(_ code: Int32) -> SystemError {
        SystemError("run", path: executable, errno: Errno(rawValue: code))
    }

    /// The request in the form of C, whose pointers live as long as `body` runs.
    private func withRequest(_ body: (inout chs_spawn) -> Int32) -> Int32 {
        let passed = (passedListeners + passedDescriptors).map(\.rawValue)
        return CStrings.with([name ?? executable.string] + arguments) { arguments in
            CStrings.with(environmentStrings) { environment in
                executable.string.withCString { executable in
                    withOptionalCString(workingDirectory?.string) { directory in
                        passed.withUnsafeBufferPointer { passed in
                            var request = chs_spawn()
                            request.executable = executable
                            request.arguments = arguments.pointers
                            request.environment = environment.pointers
                            request.working_directory = directory
                            request.passed = passed.baseAddress
                            request.passed_count = Int32(passed.count)
                            fill(&request)
                            if !passedListeners.isEmpty, let last = environment.last {
                                request.own_pid = last + Self.listenPID.utf8.count
                            }
                            return body(&request)
                        }
                    }
                }
            }
        }
    }

    private func fill(_ request: inout chs_spawn) {
        request.standard = (
            standardInput.rawValue, standardOutput.rawValue, standardError.rawValue,
        )
        request.new_session = group == .ownSession ? 1 : 0
        request.new_group = group == .own ? 1 : 0
        if case .member(let joined) = group { request.group = joined.id }
        request.keeps_ignored_signals = keepsIgnoredSignals ? 1 : 0
        request.terminal = foregroundTerminal?.descriptor.rawValue ?? -1
        request.announcement = announcement?.rawValue ?? -1
    }

    private static let listenPID = "LISTEN_PID="

    /// `NAME=value` each; the room for the PID, which the process itself has to fill in, is last.
    private var environmentStrings: [String] {
        // Those that we were given are not the new process's.
        var variables = SocketActivation.removed(from: environment)
        if !passedListeners.isEmpty {
            variables["LISTEN_FDS"] = String(passedListeners.count)
        }
        let strings = variables.map { "\($0.key)=\($0.value)" }
        let room = Self.listenPID + String(repeating: "0", count: 23)
        return passedListeners.isEmpty ? strings : strings + [room]
    }
}

private func withOptionalCString<Result>(
    _ text: String?,
    _ body: (UnsafePointer<CChar>?) -> Result,
) -> Result {
    guard let text else { return body(nil) }
    return text.withCString(body)
}

/// A list of C strings with the null pointer at its end that `execve` wants.
struct CStrings {
    let pointers: UnsafePointer<UnsafeMutablePointer<CChar>?>?

    /// The last string, which may be overwritten.
    let last: UnsafeMutablePointer<CChar>?

    /// Lends the list to `body`; its pointers are dead afterwards.
    static func with<Result>(_ texts: [String], _ body: (CStrings) -> Result) -> Result {
        var bytes: [CChar] = []
        var offsets: [Int] = []
        for text in texts {
            offsets.append(bytes.count)
            bytes.append(contentsOf: text.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return bytes.withUnsafeMutableBufferPointer { buffer in
            let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } } + [nil]
            return pointers.withUnsafeBufferPointer {
                body(CStrings(pointers: $0.baseAddress, last: pointers.dropLast().last ?? nil))
            }
        }
    }
}
