#include "ui/safety.h"

#include "base/path.h"
#include "base/text.h"
#include "ui/cards.h"
#include "ui/ui.h"
#include "ui/words.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_EVERY = 2000 };

/* ---- Files on disk. */

static struct file_state state_of(const char *path)
{
	struct stat st;

	if (!path || stat(path, &st))
		return (struct file_state){0};
	return (struct file_state){
		st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_size, st.st_ino, true};
}

static bool same_state(const struct file_state *a, const struct file_state *b)
{
	return a->exists == b->exists && a->seconds == b->seconds &&
	       a->nanoseconds == b->nanoseconds && a->size == b->size &&
	       a->inode == b->inode;
}

static const char *own_path(const struct ui *ui)
{
	return ui->session->project_path ? ui->session->project_path
					 : ui->session->overrides_path;
}

void safety_note_files(struct ui *ui)
{
	ui->safety.own = state_of(own_path(ui));
	ui->safety.model = state_of(ui->session->input->path);
	ui->safety.told = false;
}

bool safety_own_changed(const struct ui *ui)
{
	struct file_state now = state_of(own_path(ui));

	return ui->safety.own.exists && now.exists && !same_state(&now, &ui->safety.own);
}

static const char *base_name(const char *path)
{
	return text_path(path_name(path));
}

static void look_at_files(struct ui *ui)
{
	struct safety *safety = &ui->safety;
	struct file_state model = state_of(ui->session->input->path);
	const char *path = NULL;

	safety->looked = ui->now;
	if (safety->told)
		return;
	if (safety_own_changed(ui))
		path = own_path(ui);
	else if (safety->model.exists && !same_state(&model, &safety->model))
		path = ui->session->input->path;
	if (!path)
		return;
	safety->told = true;
	if (path == own_path(ui))
		ui_say(ui, SEVERITY_WARNING,
			"%s changed on disk; :diff shows how, :w! writes over it",
			base_name(path));
	else
		ui_say(ui, SEVERITY_WARNING,
			"%s changed on disk; save, and open it again", base_name(path));
}

/* ---- The journal. */

static void tell_failure(struct ui *ui, bool done, const struct error *err)
{
	if (!done)
		ui_say(ui, SEVERITY_WARNING, "no recovery journal, save often: %s",
			err->text);
}

bool safety_offer(struct ui *ui)
{
	struct safety *safety = &ui->safety;
	struct error err = ERROR_INIT;

	safety->left = (struct journal_summary){0};
	if (!journal_find(ui->session, safety->left_over, sizeof(safety->left_over))) {
		safety->left_over[0] = '\0';
		return false;
	}
	if (!journal_look(safety->left_over, &safety->left, &err))
		ui_say(ui, SEVERITY_WARNING, "%s", err.text);
	ui_open_card(ui, CARD_RECOVER);
	return true;
}

void safety_start(struct ui *ui)
{
	struct safety *safety = &ui->safety;
	struct error err = ERROR_INIT;

	if (!strncmp(ui->session->input->path, "demo:", 5))
		return;
	tell_failure(ui, journal_start(&safety->journal, ui->session, &err), &err);
	safety_offer(ui);
}

void safety_follow(struct ui *ui)
{
	struct safety *safety = &ui->safety;
	struct error err = ERROR_INIT;

	tell_failure(ui,
		journal_follow(&safety->journal, ui->session, safety->event, &err), &err);
	safety->event = JOURNAL_EDIT;
	if (ui->wait && ui->now >= safety->looked + LOOK_EVERY)
		look_at_files(ui);
}

void safety_restart(struct ui *ui)
{
	struct error err = ERROR_INIT;

	tell_failure(ui, journal_restart(&ui->safety.journal, ui->session, &err), &err);
}

void safety_end(struct ui *ui, bool keep)
{
	journal_release(&ui->safety.journal, keep);
}

/* ---- The card. */

static const struct {
	const char *key, *word;
} recover_choices[] = {
	{"r", "take the edits up again"},
	{"x", "throw them away"},
	{"Esc", "ask again next time"},
};

/* When it was last written, and by whom if that is somebody else. */
static void word_origin_of(const char *path, char *out, size_t room)
{
	struct stat st;
	struct tm when;
	struct passwd *owner = NULL;
	char date[40] = "at an unknown time";

	if (!stat(path, &st)) {
		if (localtime_r(&st.st_mtime, &when))
			strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &when);
		owner = st.st_uid != getuid() ? getpwuid(st.st_uid) : NULL;
	}
	snprintf(out, room, "%s%s%s", date, owner ? " by " : "",
		owner ? owner->pw_name : "");
}

void recover_draw(struct ui *ui, const struct area *screen)
{
	const struct journal_summary *left = &ui->safety.left;
	int shown = 0, y = 0;
	char text[1024];
	struct area in;

	while (shown < JOURNAL_LAST && *left->last[shown])
		shown++;
	in = card_box(
		ui, screen, 60, 6 + shown, "edits that were not saved", "Esc later");
	word_origin_of(ui->safety.left_over, text, sizeof(text));
	if (left->edits)
		area_print(&in, 0, y++, ROLE_TEXT, "%zu edit%s, the last %s", left->edits,
			text_s(left->edits), text);
	else
		area_print(&in, 0, y++, ROLE_TEXT, "choices as they stood %s", text);
	area_text(&in, 0, y, ROLE_TEXT, "of");
	area_name(&in, 3, y++, in.r.w - 3, ROLE_TEXT,
		word_path(left->model, text, sizeof(text)));
	for (int i = shown; i-- > 0; y++)
		area_name(&in, 2, y, in.r.w - 2, ROLE_CHANGED, left->last[i]);
	y = in.r.h - 3;
	area_cursor(&in, 1, y);
	for (int i = 0; i < 3; i++)
		card_key(ui, &in, 1, y + i, in.r.w - 1, recover_choices[i].key,
			recover_choices[i].word);
}

static unsigned recover(struct ui *ui)
{
	struct error err = ERROR_INIT;
	size_t groups = 0, faults = ui->session->faults.count;

	if (!journal_recover(ui->session, ui->safety.left_over, &ui->session->faults,
		    &groups, &err))
		return ui_fail(ui, &err);
	if (!ui_update(ui, &err))
		return ui_fail(ui, &err);
	safety_restart(ui);
	unlink(ui->safety.left_over);
	faults = ui->session->faults.count - faults;
	if (faults)
		ui_say(ui, SEVERITY_WARNING,
			"%zu edit%s taken up; %zu line%s did not fit: 7 lists them",
			groups, text_s(groups), faults, text_s(faults));
	else if (groups)
		ui_say(ui, SEVERITY_NOTE, "%zu edit%s taken up. u undoes the last",
			groups, text_s(groups));
	else
		ui_say(ui, SEVERITY_NOTE, "choices taken up as they stood");
	return DID_EDIT | DID_REDRAW;
}

unsigned recover_key(struct ui *ui, ui_key key)
{
	if (key == 'r') {
		ui_close_card(ui);
		return recover(ui);
	}
	if (key == 'x') {
		ui_close_card(ui);
		unlink(ui->safety.left_over);
		ui_say(ui, SEVERITY_NOTE, "thrown away");
		safety_offer(ui);
		return DID_REDRAW;
	}
	if (card_leaves(key))
		ui_close_card(ui);
	return DID_REDRAW;
}

/* ---- Projects. */

/* Seeds of the command line come on top of what the project holds. */
static struct session *open_project(const struct session_request *request,
	const struct progress *progress, struct project_info *info, struct error *err)
{
	struct session *session = NULL;
	bool done = project_check_request(request, err);

	if (done)
		session = project_open(request->model, request->strict_external_data,
			progress, info, err);
	for (size_t i = 0; session && done && request->seeds && i < request->seeds->count;
		i++)
		done = session_add_seeds(session, request->seeds->items[i], err);
	if (done)
		return session;
	session_free(session);
	return NULL;
}

struct session *safety_open(const struct ui_options *options,
	const struct progress *progress, struct project_info *info, struct error *err)
{
	const struct session_request *request = &options->request;

	*info = (struct project_info){0};
	if (request->model && project_is_name(request->model))
		return open_project(request, progress, info, err);
	return session_open(request, true, progress, err);
}

void safety_take_marks(struct ui *ui, const struct project_info *info)
{
	const struct graph *graph = ui->session->graph;

	for (size_t i = 0; i < info->mark_count; i++) {
		const struct project_mark *mark = &info->marks[i];
		size_t length = strlen(mark->name);
		uint32_t id = mark->node ? graph_find_node(graph, mark->name, length)
					 : graph_find_tensor(graph, mark->name, length);

		if (id != GRAPH_NONE)
			places_set_mark(&ui->places, mark->letter,
				mark->node ? id : id | ROW_TENSOR);
	}
}

static bool add_marks(const struct ui *ui, struct project_info *info)
{
	const struct graph *graph = ui->session->graph;

	for (char letter = 'a'; letter <= 'z'; letter++) {
		uint32_t code;
		bool node;

		if (!places_mark(&ui->places, letter, &code))
			continue;
		node = !(code & ROW_TENSOR);
		if (!project_add_mark(info, letter, node,
			    node ? graph_node_name(graph, code)
				 : graph_tensor_name(graph, code & ~ROW_TENSOR)))
			return false;
	}
	return true;
}

unsigned safety_save_project(struct ui *ui, const char *path, bool force)
{
	struct session *session = ui->session;
	struct project_info marks = {0};
	struct error err = ERROR_INIT;
	char *copy = strdup(path);
	bool done = copy && add_marks(ui, &marks);

	if (!done)
		error_set_memory(&err, "the project");
	done = done && project_save(session, &marks, path, force, &err);
	project_info_release(&marks);
	if (!done) {
		free(copy);
		return ui_fail(ui, &err);
	}
	free(session->project_path);
	session->project_path = copy;
	plan_mark_saved(session->plan);
	safety_note_files(ui);
	safety_restart(ui);
	return ui_say(ui, SEVERITY_NOTE, "project written to %s", text_path(copy));
}
