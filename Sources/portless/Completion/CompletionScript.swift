/// The scripts by which shells ask for completions; all knowledge is in ``Completion``.
enum CompletionScript {
    static let shells = ["bash", "zsh", "fish"]

    static func text(for shell: String) -> String? {
        switch shell {
        case "bash": bash
        case "zsh": zsh
        case "fish": fish
        default: nil
        }
    }

    private static let bash = #"""
        # Completions of portless for bash; made by: portless completions bash
        _portless() {
            local line cur=${COMP_WORDS[COMP_CWORD]} at
            COMPREPLY=()
            while IFS= read -r line; do
                case $line in
                    :files)
                        compopt -o filenames 2>/dev/null
                        while IFS= read -r line; do COMPREPLY+=("$line"); done \
                            < <(compgen -f -- "$cur") ;;
                    ":command "*)
                        at=$((${line#:command } + 1))
                        if [ "$at" -lt "$COMP_CWORD" ] && declare -F _command_offset >/dev/null; then
                            _command_offset "$at"
                            return
                        fi
                        compopt -o filenames 2>/dev/null
                        local kind=-f
                        if [ "$at" -eq "$COMP_CWORD" ]; then kind=-c; fi
                        while IFS= read -r line; do COMPREPLY+=("$line"); done \
                            < <(compgen "$kind" -- "$cur" | sort -u) ;;
                    *) COMPREPLY+=("${line%%$'\t'*}") ;;
                esac
            done < <("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -F _portless portless

        """#

    private static let zsh = #"""
        #compdef portless
        # Completions of portless for zsh; made by: portless completions zsh
        _portless() {
            local line at
            local -a values
            for line in "${(@f)$(${(Q)words[1]} __complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
                case $line in
                    '') ;;
                    :files) _files ;;
                    ':command '*)
                        at=$(( ${line#:command } + 1 ))
                        shift $at words
                        (( CURRENT -= at ))
                        _normal
                        return ;;
                    *$'\t'*) values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
                    *) values+=("${line//:/\\:}") ;;
                esac
            done
            if (( $#values )); then _describe portless values; fi
        }
        if [ "${funcstack[1]}" = _portless ]; then _portless "$@"; else compdef _portless portless; fi

        """#

    private static let fish = #"""
        # Completions of portless for fish; made by: portless completions fish
        function __portless_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
                switch $line
                    case ':files'
                        __fish_complete_path "$current"
                    case ':command *'
                        set -l at (string replace ':command ' '' -- $line)
                        set -l rest $words[(math $at + 2)..-1]
                        if test (count $words) -lt (math $at + 2)
                            complete -C "$current"
                        else
                            complete -C (string join ' ' -- (string escape -- $rest) "$current")
                        end
                    case '*'
                        echo $line
                end
            end
        end
        complete -c portless -f -a '(__portless_complete)'

        """#
}
