# Bash completion for qdqedit. The words come from the program's own help, so
# that they cannot differ from what it takes.

# The commands: the second word of each "  qdqedit COMMAND ..." or the first of
# each "  COMMAND  what it does" line of `qdqedit help`.
_qdqedit_commands() {
	"$1" help 2>/dev/null |
		sed -n -e 's/^ *qdqedit \([a-z][a-z]*\)\( .*\)\{0,1\}$/\1/p' \
			-e 's/^  \([a-z][a-z]*\)  .*$/\1/p' | sort -u
}

# The long options in the help of a command.
_qdqedit_options() {
	"$1" help $2 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u
}

_qdqedit() {
	local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
	local before=${COMP_WORDS[COMP_CWORD - 1]} command= words=

	if ((COMP_CWORD > 1)); then
		command=${COMP_WORDS[1]}
		case $command in -* | *.* | */*) command= ;; esac
	fi
	case $before in
	--activation-type | --weight-type)
		words="QUInt8 QInt8 QUInt16 QInt16"
		[ "$before" = --weight-type ] && words+=" QInt4 QUInt4"
		;;
	--method) words="minmax percentile entropy" ;;
	--opset-policy) words="raise keep" ;;
	--external-data) words="auto always never" ;;
	--color) words="auto 16 256 never" ;;
	help) words=$(_qdqedit_commands "$program") ;;
	esac
	if [ -z "$words" ]; then
		case $word in
		-*) words="--help --version $(_qdqedit_options "$program" "$command")" ;;
		*) ((COMP_CWORD > 1)) || words=$(_qdqedit_commands "$program") ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	if [[ $word != -* ]] && { ((COMP_CWORD == 1)) || [ -z "$words" ]; }; then
		local -a files
		mapfile -t files < <(compgen -f -- "$word")
		COMPREPLY+=("${files[@]}")
		compopt -o filenames 2>/dev/null
	fi
}

complete -F _qdqedit qdqedit
