import HostSystem
import PortlessCore
import SystemPackage

/// The programs that jobs may run, from `jobs.allow` of `config.json`; without it, all.
///
/// A program is allowed if it is an entry's own file: links are followed on both sides, and names are
/// looked up in the server's `PATH`, never in the caller's.
struct ProgramAllowlist: Sendable {
    /// Nil allows every program.
    var entries: [String]?
    /// The server's own.
    var searchPath: String?

    static func read(from directory: StateDirectory, searchPath: String?) throws -> Self {
        guard let text = try directory.text(of: .configuration) else {
            return ProgramAllowlist(entries: nil, searchPath: searchPath)
        }
        let file = directory[.configuration]
        guard let json = try? JSONValue(parsing: text.utf8) else {
            throw Problem(500, code: "SETTINGS", "\(file) is not JSON, so no job is started.")
        }
        guard let jobs = json["jobs"] else {
            return ProgramAllowlist(entries: nil, searchPath: searchPath)
        }
        let list = jobs["allow"]?.array
        let entries = list?.compactMap(\.string)
        guard jobs.object?.members.allSatisfy({ $0.key == "allow" }) == true, let list, let entries,
            entries.count == list.count
        else {
            throw Problem(
                500,
                code: "SETTINGS",
                """
                "jobs" in \(file) has to be an object such as {"allow": ["claude", "/usr/bin/git"]}, \
                so no job is started.
                """,
            )
        }
        return ProgramAllowlist(entries: entries, searchPath: searchPath)
    }

    /// The file to run for a program; throws where it isn't allowed.
    ///
    /// It is the entry's path, so that a file which runs as several programs is run as the allowed
    /// one.
    func admit(_ program: String) throws(Problem) -> String {
        guard let entries else { return program }
        let isRelative = program.contains("/") && !program.hasPrefix("/")
        if !isRelative, let wanted = resolved(program) {
            for entry in entries {
                guard let allowed = resolved(entry), allowed.file == wanted.file,
                    allowed.path.lastComponent == wanted.path.lastComponent
                else { continue }
                return allowed.path.string
            }
        }
        throw Problem(
            403,
            code: "PROGRAM_NOT_ALLOWED",
            """
            "\(program)" is none of the programs that jobs may run here. `jobs.allow` in \
            config.json lists them.
            """,
        )
    }

    /// The environment that can't make an allowed program run another one's code.
    ///
    /// `wanted` are the variables that the caller sets, `base` those that it inherits, and `own` the
    /// server's.
    func environment(
        _ base: [String: String],
        adding wanted: [String: String],
        own: [String: String],
    ) throws(Problem) -> [String: String] {
        guard entries != nil else { return base.merging(wanted) { $1 } }
        if let variable = wanted.keys.sorted().first(where: Self.loadsCode) {
            throw Problem(
                403,
                code: "VARIABLE_NOT_ALLOWED",
                "\(variable) can make a program run other code, so jobs of an allowlist can't set it.",
            )
        }
        var environment = base.filter { !Self.loadsCode($0.key) }
        for name in Self.inherited { environment[name] = own[name] }
        environment.merge(wanted) { $1 }
        environment["PATH"] = searchPath
        return environment
    }

    private func resolved(_ program: String) -> (path: FilePath, file: FilePath)? {
        guard let path = ProgramSearch.find(program, path: searchPath), path.isAbsolute,
            let file = FileSystem.canonical(path)
        else { return nil }
        return (path, file)
    }

    /// In lowercase: npm takes its own in any case.
    private static let prefixes = [
        "ld_", "dyld_", "git_", "npm_config_", "bash_func_", "cargo_", "yarn_", "coreclr_", "cor_",
    ]
    private static let names: Set<String> = [
        "PATH", "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4", "PROMPT_COMMAND", "IFS",
        "NODE_OPTIONS", "NODE_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT",
        "PYTHONUSERBASE", "PERL5OPT", "PERL5LIB", "PERLLIB", "PERL5DB", "RUBYOPT", "RUBYLIB",
        "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "GEM_PATH",
        "GEM_HOME", "BUNDLE_GEMFILE", "GCONV_PATH", "EDITOR", "VISUAL", "PAGER", "MANPAGER",
        "LESSOPEN", "LESSCLOSE", "BROWSER", "SHELL", "SSH_ASKPASS", "SUDO_ASKPASS", "RUSTC_WRAPPER",
        "PHPRC", "PHP_INI_SCAN_DIR", "LUA_INIT", "LUA_PATH", "LUA_CPATH", "TERMINFO", "HOME",
        "MAKEFLAGS", "MAKEFILES", "GOFLAGS", "RUSTC", "RUSTC_WORKSPACE_WRAPPER", "MAVEN_OPTS",
        "GRADLE_OPTS", "ERL_FLAGS", "ERL_AFLAGS", "PYTHONPYCACHEPREFIX", "PYTHONBREAKPOINT",
        "OPENSSL_CONF", "KUBECONFIG", "GLIBC_TUNABLES", "VIMINIT", "CLAUDE_CONFIG_DIR",
        "CODEX_HOME", "XDG_CONFIG_HOME", "ZDOTDIR", "DOTNET_STARTUP_HOOKS", "BUN_OPTIONS",
        "DENO_DIR",
    ]

    /// These name the user's own files, and no job goes without them.
    private static let inherited: Set<String> = ["HOME", "SHELL", "XDG_CONFIG_HOME"]

    private static func loadsCode(_ variable: String) -> Bool {
        names.contains(variable) || prefixes.contains(where: variable.lowercased().hasPrefix)
    }
}
