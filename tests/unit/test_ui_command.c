/* The command table itself. */
#include "ui_fixture.h"

#include "ui/command.h"
#include "ui/panes.h"

#include <string.h>

static size_t each_sequence(
	const struct ui_command *command, size_t n, ui_key *keys, const char **text)
{
	const char *at = command->keys;

	while (n-- && *at)
		at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' ');
	*text = at;
	return *at ? keys_parse(at, strcspn(at, " "), keys, PENDING) : 0;
}

Test(ui_command, every_row_is_complete_and_names_are_unique)
{
	const struct ui_command *a, *b;

	for (size_t i = 0; (a = command_at(i)); i++) {
		cr_assert(a->name && a->keys && a->args && a->brief && a->help && a->run,
			"%s", a->name);
		cr_assert_leq(strlen(a->brief), 40, "%s", a->name);
		cr_assert_leq(strlen(a->help), 72, "%s", a->name);
		for (size_t k = 0; k < i; k++) {
			b = command_at(k);
			cr_assert_str_neq(a->name, b->name);
		}
	}
	cr_assert_eq(command_count(), 0 + command_count());
}

Test(ui_command, every_key_runs_its_own_command)
{
	const struct ui_command *command;
	const char *text;
	ui_key keys[PENDING];
	bool prefix;

	for (size_t i = 0; (command = command_at(i)); i++)
		for (size_t n = 0;; n++) {
			size_t count = each_sequence(command, n, keys, &text);

			if (!*text)
				break;
			cr_assert(count, "%s: %s", command->name, text);
			cr_assert_eq(command_of_keys(keys, (int)count, &prefix), command,
				"%s: %s is another's", command->name, text);
			cr_assert_not(
				prefix, "%s: %s begins another", command->name, text);
		}
}

Test(ui_command, names_are_found_by_a_beginning)
{
	cr_assert_str_eq(command_find("promote", 7)->name, "promote");
	cr_assert_str_eq(command_find("undol", 5)->name, "undolist");
	cr_assert_str_eq(command_find("w", 1)->name, "w");
	cr_assert_null(command_find("pro", 3));
	cr_assert_null(command_find("", 0));
	cr_assert_null(command_find("frobnicate", 10));
}

Test(ui_command, the_palette_puts_the_nearest_first)
{
	uint32_t found[PROMPT_MATCHES];

	cr_assert_gt(command_match("promo", found, PROMPT_MATCHES), 1);
	cr_assert_str_eq(command_at(found[0])->name, "promote");
	command_match("undo", found, PROMPT_MATCHES);
	cr_assert_str_eq(command_at(found[0])->name, "undo");
	command_match("calibration", found, PROMPT_MATCHES);
	cr_assert_str_eq(command_at(found[0])->name, "ranges");
	cr_assert_eq(command_match("", found, 5), command_count());
}

Test(ui_command, a_refusal_gives_its_reason)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	cr_assert(ui_command(ui, "redo") & DID_FAIL);
	cr_assert(strstr(ui->messages.line, "nothing to redo"));
	cr_assert(ui_command(ui, "frobnicate") & DID_FAIL);
	cr_assert(strstr(ui->messages.line, "no such command"));
}

/* Nothing that can be typed may crash, wherever it is typed. */
Test(ui_command, every_command_runs_everywhere)
{
	static const char *const args[] = {
		"", "u16", "Op4", "10", "all", "40x10", "/nowhere/x"};
	const struct ui_command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		for (int pane = PANE_OUTLINE; pane <= PANE_WHY; pane++) {
			struct ui *ui = editor_on(fixture_mixed8(), 80, 24);
			char line[80];

			if (!strncmp(command->name, "dump", 4))
				continue;
			editor_keys(ui, "jjjjjp");
			ui_focus(ui, (enum pane_id)pane);
			for (size_t k = 0; k < sizeof(args) / sizeof(*args); k++) {
				snprintf(line, sizeof(line), "%s %s", command->name,
					args[k]);
				ui_command(ui, line);
				ui_draw(ui);
				editor_keys(ui, "<Esc><Esc>");
			}
			ui_free(ui);
		}
}
