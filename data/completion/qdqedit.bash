# Bash completion for qdqedit. The words come from the program's own help, so
# that they cannot differ from what it takes.

# The commands: "  NAME OPERANDS   summary" under "Commands:" in `qdqedit help`.
_qdqedit_commands() {
	"$1" help 2>/dev/null |
		sed -n -e '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*$/\1/p'
}

# The options of a command, one a line with what its value is called:
# "--color auto|16|256|never", "--force".
_qdqedit_options() {
	"$1" help $2 2>/dev/null |
		sed -n -e 's/^  -., \(--.*\)/  \1/' \
			-e 's/^ *\(--[a-z-]*\)\( [^ ][^ ]*\)\{0,1\}  *.*$/\1\2/p'
}

# The words for the value of option $3, if they can be told.
_qdqedit_values() {
	local value
	value=$(_qdqedit_options "$1" "$2" | sed -n -e "s/^$3 //p")
	case $3:$value in
	--set:*) "$1" help options 2>/dev/null | sed -n -e 's/^  \([A-Za-z]*=\).*/\1/p' ;;
	--format:*) "$1" "$2" --list 2>/dev/null | sed -n -e 's/^\([a-z][^ ]*\) .*/\1/p' ;;
	--method:*) echo minmax percentile entropy ;;
	*:TYPE) echo QUInt8 QInt8 QUInt16 QInt16 QInt4 QUInt4 ;;
	*\|*) echo "${value//|/ }" ;;
	esac
}

_qdqedit() {
	local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD - 1]} command= words= files=1

	# Bash makes three words of --color=auto.
	if [ "$word" = = ]; then
		word=
	elif [ "$before" = = ]; then
		before=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD > 1)) && _qdqedit_commands "$program" | grep -qxF -e "${COMP_WORDS[1]}"
	then
		command=${COMP_WORDS[1]}
	fi
	if [[ $word == -* ]]; then
		words=$(_qdqedit_options "$program" "$command" | sed -e 's/ .*//')
		words+=" --help --version"
		files=
	elif [[ $before == --* ]]; then
		words=$(_qdqedit_values "$program" "$command" "$before")
		[ -z "$words" ] || files=
	elif ((COMP_CWORD == 1)); then
		words=$(_qdqedit_commands "$program")
	elif [ "$command" = help ]; then
		words="$(_qdqedit_commands "$program") options"
		files=
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word" | sort -u)
	if [ -n "$files" ]; then
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
		compopt -o filenames 2>/dev/null
	fi
}

complete -F _qdqedit qdqedit
