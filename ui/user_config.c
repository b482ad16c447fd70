/* Lines of the file are commands: set, map and unmap; "#" begins a comment.
 *
 *     set nohints
 *     map gp promote s16
 *     unmap <C-z>
 */
#include "ui/user_config.h"

#include "base/output.h"
#include "base/text.h"
#include "base/user_files.h"
#include "ui/command.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 20, PATH_ROOM = 4096 };

static bool is_allowed(const char *line)
{
	static const char *const words[] = {"set", "map", "unmap"};
	size_t n = strcspn(line, " \t");

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == n && !strncmp(words[i], line, n))
			return true;
	return false;
}

/* One line; false if it was at fault (the message line says how). */
static bool take_line(struct ui *ui, char *line)
{
	size_t length = strlen(line);

	while (length && strchr(" \t\r", line[length - 1]))
		line[--length] = '\0';
	line += strspn(line, " \t:");
	if (!*line || *line == '#')
		return true;
	if (!is_allowed(line)) {
		char clean[60];

		ui_say(ui, SEVERITY_ERROR, "%s: only set, map and unmap may stand here",
			text_escape(clean, sizeof(clean), line, strcspn(line, " \t")));
		return false;
	}
	return !(ui_command(ui, line) & DID_FAIL);
}

static const char *place_of(const char *path)
{
	char text[PATH_ROOM];

	return text_path(word_path(path, text, sizeof(text)));
}

static void tell_fault(
	struct ui *ui, const char *path, unsigned number, char *first, size_t room)
{
	char text[MESSAGE_ROOM];

	snprintf(text, sizeof(text), "%.400s: line %u: %.600s", place_of(path), number,
		ui->messages.line);
	messages_take_back(&ui->messages);
	ui_say(ui, SEVERITY_ERROR, "%s", text);
	if (!*first)
		snprintf(first, room, "%s", text);
}

void config_read(struct ui *ui, const char *path)
{
	struct error err = ERROR_INIT;
	size_t length;
	char *text = input_read(path, FILE_MOST, &length, &err);
	char first[MESSAGE_ROOM] = "";
	unsigned number = 0, faults = 0;

	if (!text) {
		ui_fail(ui, &err);
		return;
	}
	ui->configuring = true;
	for (char *line = text; line;) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		number++;
		if (!take_line(ui, line)) {
			faults++;
			tell_fault(ui, path, number, first, sizeof(first));
		}
		line = end ? end + 1 : NULL;
	}
	ui->configuring = false;
	free(text);
	/* all are in the log already: the line alone is set */
	ui->messages.severity = SEVERITY_ERROR;
	if (faults > 1)
		snprintf(ui->messages.line, sizeof(ui->messages.line),
			"%.900s (and %u more: :messages)", first, faults - 1);
	else
		snprintf(ui->messages.line, sizeof(ui->messages.line), "%s", first);
}

void config_load(struct ui *ui)
{
	char path[PATH_ROOM];

	if (user_file(USER_CONFIG, "config", path, sizeof(path)) && !access(path, F_OK))
		config_read(ui, path);
}

/* ---- Keys. */

static char *keys_text(const struct key_binding *binding, char out[64])
{
	char name[16];

	*out = '\0';
	for (int i = 0; i < binding->count; i++)
		strcat(out, keys_name(binding->keys[i], name));
	return out;
}

static unsigned list_maps(struct ui *ui)
{
	char *text = NULL, keys[64], path[PATH_ROOM], clean[200];
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return ui_show_text(ui, "", NULL);
	for (size_t i = 0; i < ui->keymap.count; i++)
		fprintf(out, " %-10s  %s\n", keys_text(&ui->keymap.items[i], keys),
			*ui->keymap.items[i].line
				? text_escape(clean, sizeof(clean),
					  ui->keymap.items[i].line,
					  strlen(ui->keymap.items[i].line))
				: "(nothing)");
	if (!ui->keymap.count)
		fprintf(out, "No keys of your own yet. All others: ?\n");
	if (user_file(USER_CONFIG, "config", path, sizeof(path)))
		fprintf(out,
			TEXT_MUTED "lines \"map KEYS COMMAND\" of %s are read at the "
				   "start\n",
			place_of(path));
	if (fclose(out)) {
		free(text);
		text = NULL;
	}
	return ui_show_text(ui, "map KEYS COMMAND", text);
}

/* Reads the sequence at the begin; false after saying why not. */
static bool read_keys(
	struct ui *ui, const char *args, ui_key keys[PENDING], size_t *count)
{
	size_t n = strcspn(args, " \t");
	char clean[60];

	*count = keys_parse(args, n, keys, PENDING);
	for (size_t i = 0; i < *count; i++)
		if (keys[i] == UK_ESC || keys[i] == UK_CTRL('c') || keys[i] == ':') {
			ui_say(ui, SEVERITY_ERROR,
				"Esc, Ctrl-C and : keep their meaning");
			return false;
		}
	if (!*count)
		ui_say(ui, SEVERITY_ERROR, "%s: one to three keys, as gp or <C-t>",
			text_escape(clean, sizeof(clean), args, n));
	return *count;
}

static unsigned tell_map(struct ui *ui, const char *args, const ui_key *keys, int count)
{
	bool prefix;
	const char *line = keymap_find(&ui->keymap, keys, count, &prefix);
	const struct ui_command *command =
		line ? NULL : keymap_command(&ui->keymap, keys, count, &prefix);
	char clean[60];

	text_escape(clean, sizeof(clean), args, strlen(args));
	if (!line && !command)
		return ui_say(ui, SEVERITY_NOTE, "%s does nothing", clean);
	return ui_say(ui, SEVERITY_NOTE, "%s: %s", clean,
		command ? command->name
		: *line ? line
			: "does nothing");
}

unsigned config_map(struct ui *ui, const char *args)
{
	ui_key keys[PENDING];
	size_t count, n = strcspn(args, " \t");
	const char *line = args + n + strspn(args + n, " \t:");
	char clean[60];

	if (!*args)
		return list_maps(ui);
	if (!read_keys(ui, args, keys, &count))
		return DID_REDRAW | DID_FAIL;
	if (!*line)
		return tell_map(ui, args, keys, (int)count);
	if (!command_find(line, strcspn(line, " ")))
		return ui_say(ui, SEVERITY_ERROR, "%s: no such command",
			text_escape(clean, sizeof(clean), line, strcspn(line, " ")));
	if (!keymap_set(&ui->keymap, keys, (int)count, line))
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	return ui_say(ui, SEVERITY_NOTE, "mapped");
}

unsigned config_unmap(struct ui *ui, const char *args)
{
	ui_key keys[PENDING];
	size_t count;
	bool prefix;

	if (!*args)
		return ui_say(ui, SEVERITY_ERROR, "unmap: which keys?");
	if (!read_keys(ui, args, keys, &count))
		return DID_REDRAW | DID_FAIL;
	if (keymap_remove(&ui->keymap, keys, (int)count))
		return ui_say(ui, SEVERITY_NOTE, "as it was before");
	if (!keymap_command(&ui->keymap, keys, (int)count, &prefix) && !prefix)
		return ui_say(ui, SEVERITY_ERROR, "these keys do nothing");
	if (!keymap_set(&ui->keymap, keys, (int)count, ""))
		return ui_say(ui, SEVERITY_ERROR, "out of memory");
	return ui_say(
		ui, SEVERITY_NOTE, "these keys do nothing now; :unmap again undoes");
}
