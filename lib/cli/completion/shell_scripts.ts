/** The shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A shell that there is a script for. */
export type Shell = typeof SHELLS[number];

/**
 * The scripts that teach a shell to complete command lines of `sv`. They ask the `sv` that was typed, with
 * the words up to the cursor. It prints candidates, each with a tab and what it means behind it, and
 * at last perhaps a line `:files`, `:directories` or `:programs`: what the shell adds by itself.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of sv for bash: eval "$(sv completion bash)"
_sv() {
  local line also= IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  for line in $("\${COMP_WORDS[0]/#\\~/$HOME}" completion --complete -- \\
    "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    case $line in
      :*) also=\${line#:} ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done
  case $also in
    directories) COMPREPLY+=($(compgen -d -- "$current")) ;;
    files) COMPREPLY+=($(compgen -f -- "$current")) ;;
    programs) COMPREPLY+=($(compgen -c -- "$current")) ;;
  esac
  if [ -n "$also" ]; then compopt -o filenames 2>/dev/null; fi
}
complete -F _sv sv
`,
  zsh: `#compdef sv
# Completion of sv for zsh: eval "$(sv completion zsh)" after compinit, or as a file _sv in fpath.
_sv() {
  local line also
  local -a described
  for line in "\${(@f)$("\${(Q)words[1]/#\\~/$HOME}" completion --complete -- \\
    "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :*) also=\${line#:} ;;
      *) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  if (( $#described )); then _describe -V 'sv' described -U; fi
  case $also in
    directories) _files -/ ;;
    files) _files ;;
    programs) _command_names -e ;;
  esac
}
if [ "$funcstack[1]" = _sv ]; then _sv "$@"; else compdef _sv sv; fi
`,
  fish: `# Completion of sv for fish: sv completion fish | source
function __sv_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -q current[1]; or set current ''
    for line in ($words[1] completion --complete -- $words[2..-1] $current 2>/dev/null)
        switch $line
            case ':directories'
                __fish_complete_directories $current
            case ':files'
                __fish_complete_path $current
            case ':programs'
                __fish_complete_command
            case '*'
                echo $line
        end
    end
end
complete -c sv -f -a '(__sv_complete)'
`,
};
