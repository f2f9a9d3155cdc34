# fish completion for proctor. The program itself says which commands, options and names there are.

function __proctor_commands
    proctor --help 2>/dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  *\(.*\)/\1\t\3/p'
end

# Words of the command line that make the command, one or two.
function __proctor_call
    set -l words (commandline -opc)[2..-1]
    set -l names (__proctor_commands | string replace -r '\t.*' '')
    if test (count $words) -ge 2; and contains -- "$words[1] $words[2]" $names
        printf '%s\n' $words[1..2]
    else if test (count $words) -ge 1; and contains -- "$words[1]" $names
        printf '%s\n' $words[1]
    end
end

function __proctor_first_words
    proctor $argv 2>/dev/null | sed -n 's/^\([a-z0-9][^ ]*\).*/\1/p'
end

function __proctor_rules
    set -l ids (__proctor_first_words rules list)
    printf '%s\n' $ids
    printf '%s\n' $ids | sed -n 's|/.*|/|p' | sort -u
end

function __proctor_complete
    set -l call (__proctor_call)
    set -l words (commandline -opc)
    if test (count $call) -eq 0
        set -l first $words[2]
        if test (count $words) -eq 1
            __proctor_commands | string replace -r '^([a-z]+) [a-z]+\t.*' '$1' | sort -u
        else if test (count $words) -eq 2
            __proctor_commands | string match -r "^$first .*" | string replace "$first " ''
        end
        return
    end
    set -l previous $words[-1]
    if string match -q -- '-*' $previous
        set -l value (proctor $call --help 2>/dev/null | sed -n "s/^ *\(-[a-z], \)\{0,1\}$previous \([^ ][^ ]*\).*/\2/p
            s/^ *$previous, --[a-z-]* \([^ ][^ ]*\).*/\1/p")
        switch "$previous,$value"
            case '*,*|*'
                string split '|' -- $value
                return
            case '--select,*' '--ignore,*'
                __proctor_rules
                return
            case '--output,*' '*,*FILE' '*,PATH' '*,DIR'
                __fish_complete_path (commandline -ct)
                return
            case '*,?*'
                return
        end
    end
    if string match -q -- '-*' (commandline -ct)
        proctor $call --help 2>/dev/null | sed -n 's/^  \(-[a-z],\|   \) \(--[a-z-]*\).*/\2/p'
        return
    end
    switch "$call"
        case explain
            __proctor_first_words keys list
            __proctor_rules
            __proctor_first_words profiles list
        case 'keys show' 'keys list'
            __proctor_first_words keys list
        case 'rules show'
            __proctor_first_words rules list
        case 'profiles show' tune
            __proctor_first_words profiles list
        case '*'
            __fish_complete_path (commandline -ct)
    end
end

complete -c proctor -f -a '(__proctor_complete)'
