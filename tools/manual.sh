#!/bin/sh
# tools/manual.sh PROGRAM PAGE: the man page with its sections on the editor's commands
# and options as the program's own tables have them. `make man` puts it in place.
set -e
program=$1 page=$2
tables=$(mktemp)
trap 'rm -f "$tables"' EXIT
printf ':dump-commands -\n:dump-settings -\n' | "$program" script - >"$tables"
awk -v tables="$tables" '
function roff(text) {
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	return text ~ /^[.\047]/ ? "\\&" text : text
}
function bold(text) { return "\\fB" roff(text) "\\fR" }
function command(f,   keys, n, i, head) {
	n = split(f[3], keys, " ")
	head = ""
	for (i = 1; i <= n; i++)
		head = head bold(keys[i]) ", "
	head = head bold(":" f[1])
	if (f[2] != "")
		head = head " \\fI" roff(f[2]) "\\fR"
	print ".TP\n" head "\n" roff(f[5])
}
function read_tables(   line, n, f) {
	while ((getline line < tables) > 0) {
		n = split(line, f, "\t")
		if (f[1] == "set")
			settings[++setting_count] = line
		else if (n == 5) {
			commands[++command_count] = line
			if (!(f[4] in seen)) {
				seen[f[4]] = 1
				groups[++group_count] = f[4]
			}
		}
	}
}
function print_commands(   g, i, f) {
	for (g = 1; g <= group_count; g++) {
		print ".SS " roff(groups[g])
		for (i = 1; i <= command_count; i++) {
			split(commands[i], f, "\t")
			if (f[4] == groups[g])
				command(f)
		}
	}
}
function print_settings(   i, f) {
	for (i = 1; i <= setting_count; i++) {
		split(settings[i], f, "\t")
		if (f[4] != "editor")
			continue
		print ".TP\n" bold(f[2]) (f[3] == "" ? ", " bold("no" f[2]) \
			: "\\fB=\\fI" roff(f[3]) "\\fR") "\n" roff(f[5])
	}
}
BEGIN { read_tables() }
!skipping { print }
/^\.\\" commands begin/ { print_commands(); skipping = 1 }
/^\.\\" options begin/ { print_settings(); skipping = 1 }
/^\.\\" (commands|options) end/ { if (skipping) print; skipping = 0 }
' "$page"
