import HostSystem

/// The script that tells what another machine's Portless has, run there by `sh`.
///
/// It reads the files that the npm original writes, too, so that the other machine needs neither this
/// version nor `portless` in the PATH of its non-interactive shells.
enum RemoteScript {
    /// What its lines begin with: a login shell may print others.
    static let stateMark = "portless-state "
    static let beatMark = "portless-beat"
    /// How often it says that it is still there, at least.
    static let beat = Duration.seconds(10)

    /// The script for a state directory there (nil: the usual one); `once`: it prints a single line.
    static func text(stateDirectory: String?, once: Bool) -> String {
        let chosen = stateDirectory.map(ShellWords.quoted) ?? "''"
        return """
            chosen=\(chosen) once=\(once ? 1 : 0)
            """ + body
    }

    /// Only `sleep` and one `tr` run each second while nothing changes.
    private static let body = #"""

        chosen=${chosen:-${PORTLESS_STATE_DIR:-$HOME/.portless}}
        last= known= beats=0
        isAlive() { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1; }
        while :; do
            port= pid= tlds= dead= routes=
            [ -r "$chosen/proxy.port" ] && read -r port <"$chosen/proxy.port"
            [ -r "$chosen/proxy.pid" ] && read -r pid <"$chosen/proxy.pid"
            case $pid in ''|*[!0-9]*) port= ;; *) isAlive "$pid" || port= ;; esac
            if [ -r "$chosen/proxy.tlds" ]; then
                tlds=$(tr -s '\n' ',' <"$chosen/proxy.tlds" | tr -d ' []"')
            elif [ -r "$chosen/proxy.tld" ]; then
                read -r tlds <"$chosen/proxy.tld"
            fi
            [ -r "$chosen/routes.json" ] && routes=$(tr '\n\r\t' '   ' <"$chosen/routes.json")
            if [ "$routes" != "$known" ]; then
                known=$routes
                pids=$(printf '%s' "$routes" | tr ',{}' '\n\n\n' |
                    sed -n 's/^ *"pid" *: *\([0-9][0-9]*\) *$/\1/p')
            fi
            for pid in $pids; do
                [ "$pid" -eq 0 ] || isAlive "$pid" || dead="$dead,$pid"
            done
            state="${port:--} ${tlds:--} ${dead:--} ${routes:--}"
            if [ "$state" != "$last" ]; then
                printf 'portless-state %s\n' "$state" || exit
                last=$state beats=0
            elif [ "$beats" -ge 10 ]; then
                echo portless-beat || exit
                beats=0
            fi
            [ "$once" = 1 ] && exit
            beats=$((beats + 1))
            sleep 1
        done

        """#
}
