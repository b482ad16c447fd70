#include "config.h"

#include "ui/command.h"

#include "base/path.h"
#include "graph/search.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *const command_group_names[GROUP_COUNT] = {
	"Editing",
	"Panes",
	"Moving",
	"Finding",
	"Selecting",
	"Files",
	"Other",
};

static const struct command_part *const parts[] = {
	&commands_promote,
	&commands_edit,
	&commands_file,
	&commands_open,
	&commands_move,
	&commands_go,
	&commands_find,
	&commands_view,
	&commands_teach,
	&commands_script,
	&commands_extra,
	&commands_measure,
	&commands_import,
	&commands_export,
};

enum { PARTS = sizeof(parts) / sizeof(*parts) };

size_t command_count(void)
{
	size_t count = 0;

	for (int i = 0; i < PARTS; i++)
		count += parts[i]->count;
	return count;
}

const struct ui_command *command_at(size_t index)
{
	for (int i = 0; i < PARTS; i++) {
		if (index < parts[i]->count)
			return &parts[i]->commands[index];
		index -= parts[i]->count;
	}
	return NULL;
}

const struct ui_command *command_find(const char *name, size_t length)
{
	const struct ui_command *found = NULL, *command;
	int count = 0;

	for (size_t i = 0; (command = command_at(i)); i++) {
		if (strncmp(command->name, name, length) || !length)
			continue;
		if (!command->name[length])
			return command;
		found = command;
		count++;
	}
	return count == 1 ? found : NULL;
}

size_t command_name_length(const char *line)
{
	size_t n = strcspn(line, " \t!");

	return n ? n : strcspn(line, " \t");
}

/* Compares one sequence in notation with the keys pressed: 0 no, 1 begins, 2 is it. */
static int compare_keys(const char *text, size_t length, const ui_key *keys, int count)
{
	ui_key own[PENDING + 1];
	size_t n = keys_parse(text, length, own, PENDING + 1);

	if (n < (size_t)count)
		return 0;
	for (int i = 0; i < count; i++)
		if (own[i] != keys[i])
			return 0;
	return n == (size_t)count ? 2 : 1;
}

const struct ui_command *command_of_keys_but(const ui_key *keys, int count, bool *prefix,
	bool (*hidden)(const void *arg, const ui_key *keys, int count), const void *arg)
{
	const struct ui_command *command, *found = NULL;

	*prefix = false;
	for (size_t i = 0; (command = command_at(i)); i++)
		for (const char *at = command->keys; *at;) {
			size_t n = strcspn(at, " ");
			ui_key own[PENDING + 1];
			int what = compare_keys(at, n, keys, count);

			if (what && hidden &&
				hidden(arg, own,
					(int)keys_parse(at, n, own, PENDING + 1)))
				what = 0;
			if (what == 2 && !found)
				found = command;
			*prefix |= what == 1;
			at += n + (at[n] == ' ');
		}
	return found;
}

const struct ui_command *command_of_keys(const ui_key *keys, int count, bool *prefix)
{
	return command_of_keys_but(keys, count, prefix, NULL, NULL);
}

int fuzzy_rank(const char *pattern, size_t length, const char *text)
{
	int rank = 100, gap = 0;
	const char *at = text;

	for (size_t i = 0; i < length; i++) {
		char want = search_lower(pattern[i]);

		for (gap = 0; *at && search_lower(*at) != want; at++)
			gap++;
		if (!*at)
			return -1;
		rank -= gap ? 4 + (gap < 6 ? gap : 6) : 0;
		if (at == text || at[-1] == '-' || at[-1] == '/' || at[-1] == '_')
			rank += 6;
		at++;
	}
	rank -= (int)strlen(at) < 20 ? (int)strlen(at) : 20;
	return rank < 0 ? 0 : rank;
}

struct ranked {
	uint32_t index;
	int rank;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->rank != y->rank ? y->rank - x->rank : x->index < y->index ? -1 : 1;
}

static int command_rank(const struct ui_command *command, const char *typed, size_t n)
{
	int rank = n ? fuzzy_rank(typed, n, command->name) : 0, help;

	if (n && !strncmp(command->name, typed, n))
		rank += command->name[n] ? 200 : 400;
	if (rank >= 0 || n < 3)
		return rank;
	help = strcasestr(command->help, typed) ? 1 : -1;
	return help;
}

size_t command_match(const char *typed, uint32_t *out, size_t room)
{
	struct ranked ranked[256];
	const struct ui_command *command;
	size_t count = 0, n = command_name_length(typed);
	const struct ui_command *meant = typed[n] ? command_find(typed, n) : NULL;

	for (size_t i = 0; (command = command_at(i)) && count < 256; i++) {
		int rank = command_rank(command, typed, n);

		if (meant ? command == meant : rank >= 0)
			ranked[count++] = (struct ranked){(uint32_t)i, rank};
	}
	qsort(ranked, count, sizeof(*ranked), by_rank);
	for (size_t i = 0; i < count && i < room; i++)
		out[i] = ranked[i].index;
	return count;
}

void command_dump(FILE *out)
{
	const struct ui_command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		fprintf(out, "%s\t%s\t%s\t%s\t%s\n", command->name, command->args,
			command->keys, command_group_names[command->group],
			command->help);
}

const char *command_read_bang(const char *args, bool *force)
{
	*force = *args == '!';
	if (*force)
		args += 1 + strspn(args + 1, " ");
	return args;
}

const char *command_has_conflicts(const struct ui *ui)
{
	return ui->outcome->conflicts ? "conflicts stand against it; 7 lists them" : NULL;
}

bool command_wants_file(const struct ui_command *command)
{
	return strstr(command->args, "FILE") || strstr(command->args, "PATH");
}

/* "~/x", also behind an exclamation mark, where a file is wanted. */
static const char *expand_home(
	const struct ui_command *command, const char *args, char *out, size_t room)
{
	size_t bang = *args == '!' ? 1 + strspn(args + 1, " ") : 0;

	if (!command_wants_file(command) || strncmp(args + bang, "~/", 2))
		return args;
	memcpy(out, args, bang);
	return path_from_home(args + bang, out + bang, room - bang) - bang;
}

unsigned command_run(struct ui *ui, const struct ui_command *command, const char *args)
{
	const char *reason = command->blocked ? command->blocked(ui) : NULL;
	char path[PROMPT_ROOM + 4096];

	if (reason)
		return ui_say(ui, SEVERITY_ERROR, "%s: %s", command->name, reason);
	hints_note_command(&ui->hints, command->name);
	return command->run(ui, expand_home(command, args, path, sizeof(path)));
}
