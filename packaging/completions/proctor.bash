# bash completion for proctor. The program itself says which commands, options and names there are.

_proctor_commands() {
  proctor --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p'
}

_proctor_first_words() { proctor "$@" 2>/dev/null | sed -n 's/^\([a-z0-9][^ ]*\).*/\1/p'; }

# The rules, with the prefixes that select many of them.
_proctor_rules() {
  local ids
  ids=$(_proctor_first_words rules list)
  printf '%s\n' "$ids" "$(sed -n 's|/.*|/|p' <<<"$ids" | sort -u)"
}

# What an option takes, as the help calls it.
_proctor_value() {
  proctor "${@:1:$#-1}" --help 2>/dev/null |
    sed -n "s/^ *\(-[a-z], \)\{0,1\}${!#} \([^ ][^ ]*\).*/\2/p;
            s/^ *${!#}, --[a-z-]* \([^ ][^ ]*\).*/\1/p"
}

_proctor_options() {
  proctor "$@" --help 2>/dev/null | sed -n 's/^  \(-[a-z],\|   \) \(--[a-z-]*\).*/\2/p'
}

_proctor() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=() word value
  COMPREPLY=()
  # The command: one word, or two.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word != -* ]] || break
    words+=("$word")
    ((${#words[@]} < 2)) || break
  done
  local commands command=''
  commands=$(_proctor_commands)
  if ((${#words[@]} == 2)) && grep -qxF "${words[*]}" <<<"$commands"; then
    command="${words[*]}"
  elif ((${#words[@]})) && grep -qxF "${words[0]}" <<<"$commands"; then
    command=${words[0]}
  fi
  if [[ -z $command ]]; then
    case $COMP_CWORD in
      1) mapfile -t COMPREPLY < <(compgen -W "$(cut -d' ' -f1 <<<"$commands" | sort -u)" -- "$cur") ;;
      2) mapfile -t COMPREPLY < <(compgen -W "$(sed -n "s/^${words[0]} //p" <<<"$commands")" -- "$cur") ;;
    esac
    return
  fi
  # shellcheck disable=SC2206 # two words
  local call=($command)
  if [[ $previous == -* ]]; then
    value=$(_proctor_value "${call[@]}" "$previous")
    case $previous,$value in
      *,*\|*) mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$cur") && return ;;
      --select,* | --ignore,*) mapfile -t COMPREPLY < <(compgen -W "$(_proctor_rules)" -- "$cur") && return ;;
      --output,* | *,*FILE | *,PATH) mapfile -t COMPREPLY < <(compgen -f -- "$cur") && return ;;
      *,DIR) mapfile -t COMPREPLY < <(compgen -d -- "$cur") && return ;;
      *,?*) return ;;
    esac
  fi
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_proctor_options "${call[@]}")" -- "$cur")
    return
  fi
  case $command in
    explain)
      mapfile -t COMPREPLY < <(compgen -W "$(_proctor_first_words keys list; _proctor_rules; _proctor_first_words profiles list)" -- "$cur") ;;
    'keys show' | 'keys list') mapfile -t COMPREPLY < <(compgen -W "$(_proctor_first_words keys list)" -- "$cur") ;;
    'rules show') mapfile -t COMPREPLY < <(compgen -W "$(_proctor_first_words rules list)" -- "$cur") ;;
    'profiles show' | tune)
      mapfile -t COMPREPLY < <(compgen -W "$(_proctor_first_words profiles list)" -- "$cur") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
  esac
}

complete -o filenames -F _proctor proctor
