import CHostSystem
package import SystemPackage

/// A process to be started, with everything that it gets; it inherits nothing else.
///
/// Every descriptor from 3 up is closed except those passed, the signal mask is empty, and the
/// signals that this process handles are back at their defaults.
package struct Spawn: Sendable {
    /// The process's group and session, which decide what the terminal can do to it.
    package enum Group: Hashable, Sendable {
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
    /// The program's `argv[0]`, which `ps` shows; nil: its path.
    package var name: String?
    /// The arguments after the name.
    package var arguments: [String]
    package var environment: [String: String]
    package var workingDirectory: FilePath?
    package var standardInput = FileDescriptor.standardInput
    package var standardOutput = FileDescriptor.standardOutput
    package var standardError = FileDescriptor.standardError
    /// Listening sockets that become 3, 4 and so on in the new process, announced as systemd does it
    /// (see `SocketActivation`).
    package var passedListeners: [FileDescriptor] = []
    /// Descriptors that follow them.
    package var passedDescriptors: [FileDescriptor] = []
    package var group = Group.inherited
    /// Whether signals that this process ignores, as after `nohup`, stay ignored.
    package var keepsIgnoredSignals = false
    /// The new group takes this terminal's foreground before the program runs.
    package var foregroundTerminal: Terminal?
    /// Whether standard input, a terminal, becomes the controlling one of its own session.
    package var controlsTerminal = false
    /// Where the new process writes its PID (four bytes, native order) before it runs its program: the
    /// reader then knows it even if this process is killed meanwhile.
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

    /// Starts the process; a program that can't be run is an error, not an exit code later.
    package func start() throws(SystemError) -> ChildProcess {
        var pid: Int32 = -1
        let failure = withRequest { chs_start(&$0, &pid) }
        guard failure == 0 else { throw error(failure) }
        return ChildProcess(pid: pid)
    }

    /// Runs the program in place of this one, in the same process.
    ///
    /// After an error the descriptors may be closed; the process can only report it and end.
    package func replaceThisProcess() throws(SystemError) -> Never {
        throw error(withRequest { chs_replace(&$0) })
    }

    private func error(_ code: Int32) -> SystemError {
        SystemError("run", path: executable, errno: Errno(rawValue: code))
    }

    /// Calls `body` with the request in C's form, whose pointers are valid during the call.
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
        request.controls_terminal = controlsTerminal ? 1 : 0
        request.announcement = announcement?.rawValue ?? -1
    }

    private static let listenPID = "LISTEN_PID="

    /// `NAME=value` each; last comes the room into which the new process writes its PID.
    private var environmentStrings: [String] {
        // Sockets that this process was given are not for the new one.
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

    /// Calls `body` with the list, whose pointers are valid during the call.
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
