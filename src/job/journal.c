#include "job/journal.h"

#include "base/output.h"
#include "base/text.h"
#include "base/user_files.h"
#include "plan/project.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { NAMES = 16, PATH_ROOM = 4096, FILE_MOST = 1 << 30 };

/* The n-th name of a journal of this model: several editors may be at it. */
static bool journal_name(const struct session *session, int n, char *out, size_t room)
{
	char digest[17], name[64];

	model_digest(session->input, digest);
	if (n)
		snprintf(name, sizeof(name), "%s.%d.journal", digest, n + 1);
	else
		snprintf(name, sizeof(name), "%s.journal", digest);
	return user_file(USER_STATE, name, out, room);
}

/* Ranges that were measured and are in no file. */
static bool add_ranges(struct journal *journal, const struct plan *plan)
{
	size_t length;
	char *piece = journal_ranges(plan, &length), *both = NULL;

	if (piece)
		both = realloc(journal->base, journal->base_length + length + 1);
	if (both) {
		memcpy(both + journal->base_length, piece, length + 1);
		journal->base = both;
		journal->base_length += length;
	}
	free(piece);
	return both;
}

static bool set_base(
	struct journal *journal, const struct session *session, struct error *err)
{
	struct project_info info = {0};

	free(journal->base);
	info.model = strdup(session->input->path);
	info.model_size = model_file_size(session->input);
	model_digest(session->input, info.digest);
	journal->base = project_write(session->plan, &info, &journal->base_length);
	project_info_release(&info);
	if (journal->base && session->plan->ranges->measured &&
		!add_ranges(journal, session->plan))
		return error_set_memory(err, "the journal");
	journal->position = journal->base_position = plan_undo_position(session->plan);
	journal->is_base_safe =
		!plan_is_dirty(session->plan) && !session->plan->ranges->measured;
	journal->generation = session->plan->generation;
	return journal->base || error_set_memory(err, "the journal");
}

bool journal_start(
	struct journal *journal, const struct session *session, struct error *err)
{
	*journal = (struct journal){.fd = -1};
	journal->on = set_base(journal, session, err);
	return journal->on;
}

static bool append(
	struct journal *journal, const char *text, size_t length, struct error *err)
{
	while (length) {
		ssize_t n = write(journal->fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(err, ERROR_IO,
				"%s: cannot be written: %s; free some space",
				text_path(journal->path), strerror(errno));
		text += n;
		length -= (size_t)n;
	}
	return true;
}

static void drop_file(struct journal *journal, bool keep)
{
	if (journal->path && !keep)
		unlink(journal->path);
	if (journal->path)
		close(journal->fd);
	free(journal->path);
	journal->path = NULL;
	journal->fd = -1;
}

/* Makes the file under the first free name. */
static bool begin(
	struct journal *journal, const struct session *session, struct error *err)
{
	char path[PATH_ROOM];

	if (!user_folder_make(USER_STATE, err))
		return false;
	for (int i = 0; i < NAMES && journal->fd < 0; i++) {
		if (!journal_name(session, i, path, sizeof(path)))
			break;
		journal->fd = open(path,
			O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
		if (journal->fd < 0 && errno != EEXIST)
			break;
	}
	if (journal->fd < 0)
		return error_set(err, ERROR_IO,
			"%s: cannot be made: %s; set XDG_STATE_HOME to another place",
			text_path(path), strerror(errno));
	flock(journal->fd, LOCK_EX | LOCK_NB);
	journal->recorded = journal->base_position;
	journal->path = strdup(path);
	if (!journal->path) {
		unlink(path);
		return error_set_memory(err, "the journal");
	}
	if (append(journal, journal->base, journal->base_length, err))
		return true;
	/* a beginning alone would be offered as edits */
	drop_file(journal, false);
	return false;
}

static bool append_groups(
	struct journal *journal, const struct plan *plan, struct error *err)
{
	size_t last = plan_undo_position(plan);
	bool done = true;

	for (size_t i = journal->position; done && i < last; i++) {
		size_t length;
		char *text = journal_group(plan, i, &length);

		done = text ? append(journal, text, length, err)
			    : error_set_memory(err, "the journal");
		free(text);
	}
	return done;
}

/* What an edit, an undo or a redo adds to the file. */
static bool record(struct journal *journal, const struct session *session,
	enum journal_event event, struct error *err)
{
	size_t position = plan_undo_position(session->plan);

	if (journal->fd < 0 && !begin(journal, session, err))
		return false;
	if (event == JOURNAL_UNDONE)
		return append(journal, JOURNAL_UNDO, strlen(JOURNAL_UNDO), err);
	if (event == JOURNAL_REDONE && position <= journal->recorded)
		return append(journal, JOURNAL_REDO, strlen(JOURNAL_REDO), err);
	journal->recorded = position;
	return append_groups(journal, session->plan, err);
}

bool journal_follow(struct journal *journal, const struct session *session,
	enum journal_event event, struct error *err)
{
	const struct plan *plan = session->plan;
	size_t position = plan_undo_position(plan);

	if (!journal->on || journal->generation == plan->generation)
		return true;
	if (position < journal->base_position ||
		(position < journal->position && event != JOURNAL_UNDONE))
		return journal_restart(journal, session, err);
	if (position == journal->base_position && journal->is_base_safe &&
		!plan->ranges->measured && event == JOURNAL_UNDONE)
		drop_file(journal, false);
	else
		journal->on = record(journal, session, event, err);
	journal->position = position;
	journal->generation = plan->generation;
	return journal->on;
}

/* A plan that is dirty without a file to begin with gets one at once. */
bool journal_restart(
	struct journal *journal, const struct session *session, struct error *err)
{
	if (!journal->base)
		return true;
	drop_file(journal, false);
	journal->on = set_base(journal, session, err);
	if (journal->on && !journal->is_base_safe)
		journal->on = begin(journal, session, err);
	return journal->on;
}

void journal_release(struct journal *journal, bool keep)
{
	drop_file(journal, keep);
	free(journal->base);
	*journal = (struct journal){.fd = -1};
}

/* A file that can be locked has no writer. */
static bool is_left_over(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool free = fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB);

	if (fd >= 0)
		close(fd);
	return free;
}

bool journal_find(const struct session *session, char *out, size_t room)
{
	for (int i = 0; i < NAMES; i++)
		if (journal_name(session, i, out, room) && is_left_over(out))
			return true;
	return false;
}

bool journal_look(const char *path, struct journal_summary *out, struct error *err)
{
	size_t length;
	char *text = input_read(path, FILE_MOST, &length, err);
	bool done = text && journal_summarize(text, length, path, out, err);

	free(text);
	return done;
}

bool journal_recover(struct session *session, const char *path,
	struct problem_list *problems, size_t *groups, struct error *err)
{
	size_t length;
	char *text = input_read(path, FILE_MOST, &length, err);
	bool done = text && journal_replay(text, length, "journal", session->plan,
				    problems, groups, err);

	free(text);
	return done;
}
