/* The configuration file and keys of one's own. */
#include "ui_fixture.h"

#include "base/user_files.h"
#include "support.h"
#include "ui/command.h"
#include "ui/user_config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))
#define MISSES(ui, text)                                                                 \
	cr_assert_null(strstr(editor_screen(ui), text), "%s\n is in\n%s", text,          \
		editor_screen(ui))

static struct ui *with_config(const char *text)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	test_write_text(test_path("config"), text);
	config_read(ui, test_path("config"));
	return ui;
}

Test(ui_config, settings_and_keys_are_taken)
{
	struct ui *ui = with_config("# mine\n\n"
				    "set nohints\n"
				    ":set lanes=2\r\n"
				    "  map  gp   promote s16\n"
				    "map t tour\n"
				    "unmap s\n");

	cr_assert_str_empty(ui->messages.line);
	cr_assert_not(ui->settings.hints);
	cr_assert_eq(ui->settings.lanes, 2);
	editor_keys(ui, "jjjjj gp");
	cr_assert_eq(ui->session->plan->seeds.items[0].type, QTYPE_S16);
	editor_keys(ui, "gd");
	SEES(ui, "NORMAL  Op2");
	editor_keys(ui, "s");
	SEES(ui, "order: graph");
	editor_keys(ui, "t");
	SEES(ui, "1 of 7");
}

Test(ui_config, faults_are_told_with_their_lines_and_the_rest_is_taken)
{
	struct ui *ui = with_config("set nosuch=1\n"
				    "set nohints\n"
				    "promote u16\n"
				    "map : promote\n"
				    "map x frobnicate\n"
				    "set per-channel\n");
	enum severity severity;
	unsigned faults = 0;

	cr_assert_not(ui->settings.hints);
	cr_assert(strstr(ui->messages.line, "config: line 1: "), "%s", ui->messages.line);
	cr_assert(strstr(ui->messages.line, "(and 4 more: :messages)"));
	for (unsigned i = 0; i < ui->messages.count; i++)
		faults += strstr(messages_at(&ui->messages, i, &severity),
				  "config: line ") != NULL;
	cr_assert_eq(faults, 5);
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	cr_assert_not(ui->session->plan->options->per_channel);
	cr_assert_eq(ui->keymap.count, 0);
	ui_command(ui, "messages");
	ui_resize(ui, 200, 40);
	SEES(ui, "line 3: promote: only set, map and unmap may stand here");
	SEES(ui, "line 6: per-channel is the quantizer's");
}

Test(ui_config, an_own_key_hides_the_usual_one_until_it_is_unmapped)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jj");
	ui_command(ui, "map d promote u16");
	MISSES(ui, "d demote");
	editor_keys(ui, "d");
	cr_assert_eq(ui->session->plan->seeds.count, 1);
	ui_command(ui, "map d");
	SEES(ui, "d: promote u16");
	ui_command(ui, "unmap d");
	SEES(ui, "as it was before");
	editor_keys(ui, "d");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	SEES(ui, "demoted");
	ui_command(ui, "unmap d");
	editor_keys(ui, "p d");
	cr_assert_eq(ui->session->plan->seeds.count, 1);
	ui_command(ui, "map d");
	SEES(ui, "d: does nothing");
	ui_command(ui, "map Q");
	SEES(ui, "Q does nothing");
	cr_assert(ui_command(ui, "unmap Q") & DID_FAIL);
	cr_assert(ui_command(ui, "unmap") & DID_FAIL);
	cr_assert(ui_command(ui, "map abcd promote") & DID_FAIL);
	cr_assert(ui_command(ui, "map <Esc> promote") & DID_FAIL);
}

Test(ui_config, a_prefix_of_ones_own_shows_what_may_follow)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	ui_command(ui, "map ,p preset first-last");
	ui_command(ui, "map gx reset");
	editor_keys(ui, ",");
	ui->now += 500;
	SEES(ui, "preset first-last");
	editor_keys(ui, "p");
	cr_assert_eq(ui->session->plan->seeds.count, 5);
	editor_keys(ui, "g");
	ui->now += 500;
	SEES(ui, "producer of this tensor");
	SEES(ui, "reset");
	editor_keys(ui, "x");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	ui_command(ui, "map");
	SEES(ui, ",p");
	SEES(ui, "preset first-last");
	SEES(ui, "are read at the start");
}

Test(ui_config, help_and_palette_show_the_keys_as_they_are)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);
	char keys[64];

	ui_command(ui, "map W why");
	ui_command(ui, "unmap w");
	cr_assert_str_eq(
		keymap_keys_of(&ui->keymap, command_find("why", 3), keys, sizeof(keys)),
		"W 6");
	editor_keys(ui, ":why");
	SEES(ui, "W       pane 6");
	editor_keys(ui, "<Esc>?");
	editor_keys(ui, "pane<Space>6");
	SEES(ui, "W 6");
}

Test(ui_config, the_file_lies_where_the_rules_say)
{
	char path[4096];

	setenv("XDG_CONFIG_HOME", "/etc/xdg", 1);
	cr_assert(user_file(USER_CONFIG, "config", path, sizeof(path)));
	cr_assert_str_eq(path, "/etc/xdg/qdqedit/config");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	setenv("HOME", "/home/me", 1);
	cr_assert(user_file(USER_CONFIG, "config", path, sizeof(path)));
	cr_assert_str_eq(path, "/home/me/.config/qdqedit/config");
	unsetenv("XDG_STATE_HOME");
	cr_assert(user_file(USER_STATE, "x", path, sizeof(path)));
	cr_assert_str_eq(path, "/home/me/.local/state/qdqedit/x");
	cr_assert_not(user_file(USER_STATE, "x", path, 10));
	unsetenv("HOME");
	cr_assert_not(user_file(USER_STATE, "x", path, sizeof(path)));
}

Test(ui_config, folders_are_made_for_the_user_alone)
{
	struct error err = ERROR_INIT;
	struct stat st;

	setenv("XDG_STATE_HOME", test_path("a/b"), 1);
	cr_assert(user_folder_make(USER_STATE, &err), "%s", err.text);
	cr_assert(user_folder_make(USER_STATE, &err), "%s", err.text);
	cr_assert_eq(stat(test_path("a/b/qdqedit"), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	test_write_text(test_path("file"), "");
	setenv("XDG_STATE_HOME", test_path("file/x"), 1);
	cr_assert_not(user_folder_make(USER_STATE, &err));
}
