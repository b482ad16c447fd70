/* From paths to a list of samples. */
#include "config.h"

#include "calib/sample_set.h"

#include "base/path.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDER_DEPTH = 8 };

struct path_list ARRAY_OF(char *);

static const struct {
	const char *suffix;
	enum part_kind kind;
} kinds[] = {
	{".npz", PART_NPZ},
	{".npy", PART_NPY},
	{".pb", PART_PB},
	{".bin", PART_BIN},
};

/* The files of one folder (or of a run of paths) while they are made into samples. */
struct gathering {
	struct sample_set *set;
	const char *place; /* folder, or the first file */
	bool open;         /* a sample of several files is being filled */
	bool *filled;      /* by input, of the open sample */
};

static int by_nature(const void *a, const void *b)
{
	return text_natural_cmp(*(char *const *)a, *(char *const *)b);
}

/* -1 for files of other kinds. */
static int kind_of(const char *path, size_t *stem_length, const char **stem)
{
	const char *name = path_name(path);
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t suffix = strlen(kinds[i].suffix);

		if (length > suffix && !strcmp(name + length - suffix, kinds[i].suffix)) {
			*stem = name;
			*stem_length = length - suffix;
			return kinds[i].kind;
		}
	}
	return -1;
}

/* The number behind "input_", or -1. */
static long input_number(const char *stem, size_t length)
{
	char *end;
	long number;

	if (length < 7 || strncmp(stem, "input_", 6))
		return -1;
	number = strtol(stem + 6, &end, 10);
	return end == stem + length && number >= 0 ? number : -1;
}

static bool is_output(const char *stem, size_t length)
{
	return length > 7 && !strncmp(stem, "output_", 7);
}

uint32_t sample_find_input(const struct sample_set *set, const char *name, size_t length)
{
	for (uint32_t i = 0; i < set->inputs.count; i++) {
		const char *input = graph_tensor_name(set->graph, set->inputs.items[i]);
		size_t at = 0;

		for (; at < length && input[at]; at++)
			if (input[at] != name[at] &&
				!(name[at] == '_' && strchr("/:", input[at])))
				break;
		if (at == length && !input[at])
			return i;
	}
	return UINT32_MAX;
}

static void list_inputs(const struct sample_set *set, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < set->inputs.count && at < room; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%s", i ? ", " : "",
			text_quoted_z(
				graph_tensor_name(set->graph, set->inputs.items[i])));
}

/* Which input a file of one value is for. In a model of one input any name will do. */
static bool find_target(struct sample_set *set, enum part_kind kind, const char *path,
	const char *stem, size_t length, uint32_t *input, struct error *err)
{
	long number = input_number(stem, length);
	char names[400];

	*input = sample_find_input(set, stem, length);
	if (*input != UINT32_MAX)
		return true;
	if (number >= 0 && (size_t)number < set->inputs.count)
		*input = (uint32_t)number;
	else if (set->inputs.count == 1 && (kind != PART_PB || number < 0))
		*input = 0;
	if (*input != UINT32_MAX)
		return true;
	list_inputs(set, names, sizeof(names));
	return error_set(err, ERROR_REFUSED,
		"%s: no input is named %s; name the file after one of %s",
		text_quoted_z(path), text_quoted(stem, length), names);
}

static bool check_complete(struct gathering *g, struct error *err)
{
	for (size_t i = 0; g->open && i < g->set->inputs.count; i++)
		if (!g->filled[i])
			return error_set(err, ERROR_REFUSED,
				"%s: a sample lacks input %s; add NAME.npy or use .npz",
				text_quoted_z(g->place),
				text_quoted_z(graph_tensor_name(
					g->set->graph, g->set->inputs.items[i])));
	return true;
}

static bool begin_item(struct gathering *g, struct error *err)
{
	struct sample_item item = {g->set->parts.count, 0};

	if (!check_complete(g, err))
		return false;
	memset(g->filled, 0, g->set->inputs.count);
	g->open = true;
	return ARRAY_PUSH(&g->set->items, item) || error_set_memory(err, "samples");
}

static bool add_part(struct gathering *g, enum part_kind kind, uint32_t input,
	const char *path, struct error *err)
{
	struct sample_set *set = g->set;
	struct sample_part part = {kind, input, NULL, NULL};

	part.path = arena_strndup(&set->arena, path, strlen(path));
	if (!part.path || !ARRAY_PUSH(&set->parts, part))
		return error_set_memory(err, "samples");
	set->items.items[set->items.count - 1].count++;
	return true;
}

/* A file of one value goes into the open sample; one for an input that is filled
 * begins the next. */
static bool add_value(struct gathering *g, enum part_kind kind, const char *path,
	const char *stem, size_t length, struct error *err)
{
	uint32_t input = 0;

	if (!find_target(g->set, kind, path, stem, length, &input, err))
		return false;
	if ((!g->open || g->filled[input]) && !begin_item(g, err))
		return false;
	g->filled[input] = true;
	return add_part(g, kind, input, path, err);
}

static bool close_item(struct gathering *g, struct error *err)
{
	if (!check_complete(g, err))
		return false;
	g->open = false;
	return true;
}

static bool add_file(struct gathering *g, const char *path, struct error *err)
{
	const char *stem;
	size_t length;
	int kind = kind_of(path, &length, &stem);

	if (kind < 0)
		return error_set(err, ERROR_REFUSED,
			"%s: not a sample; samples are .npz, .npy, .pb or .bin files",
			text_quoted_z(path));
	if (kind == PART_NPZ)
		return close_item(g, err) && begin_item(g, err) &&
		       add_part(g, PART_NPZ, 0, path, err) && (g->open = false, true);
	return add_value(g, (enum part_kind)kind, path, stem, length, err);
}

static bool start(
	struct gathering *g, struct sample_set *set, const char *place, struct error *err)
{
	g->set = set;
	g->place = place;
	g->open = false;
	g->filled = calloc(set->inputs.count + 1, 1);
	return g->filled || error_set_memory(err, "samples");
}

static bool read_folder(const char *path, struct path_list *names, struct error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool read = true;

	if (!dir)
		return error_set_errno(err, "%s", text_quoted_z(path));
	while (read && (entry = readdir(dir))) {
		char *full = NULL;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&full, "%s/%s", path, entry->d_name) < 0)
			full = NULL;
		read = full && ARRAY_PUSH(names, full);
		if (!read)
			free(full);
	}
	closedir(dir);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), by_nature);
	return read || error_set_memory(err, "a folder");
}

static bool is_folder(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* What a folder may hold beside samples is passed over. */
static bool is_sample_file(const struct sample_set *set, const char *path)
{
	const char *stem;
	size_t length;
	int kind = kind_of(path, &length, &stem);

	if (kind < 0 || is_folder(path))
		return false;
	return kind == PART_NPZ || !is_output(stem, length) ||
	       sample_find_input(set, stem, length) != UINT32_MAX;
}

static bool list_folder(
	struct sample_set *set, const char *path, int depth, struct error *err);

static bool list_entries(struct sample_set *set, const char *path,
	const struct path_list *names, int depth, struct error *err)
{
	struct gathering g;
	bool listed = start(&g, set, path, err);

	for (size_t i = 0; listed && i < names->count; i++)
		if (is_sample_file(set, names->items[i]))
			listed = add_file(&g, names->items[i], err);
	listed = listed && close_item(&g, err);
	free(g.filled);
	for (size_t i = 0; listed && depth && i < names->count; i++)
		if (is_folder(names->items[i]))
			listed = list_folder(set, names->items[i], depth - 1, err);
	return listed;
}

static bool list_folder(
	struct sample_set *set, const char *path, int depth, struct error *err)
{
	struct path_list names = {0};
	bool listed = read_folder(path, &names, err) &&
		      list_entries(set, path, &names, depth, err);

	for (size_t i = 0; i < names.count; i++)
		free(names.items[i]);
	ARRAY_RELEASE(&names);
	return listed;
}

static bool list_named_folder(struct sample_set *set, const char *path, struct error *err)
{
	size_t before = set->items.count;

	if (!list_folder(set, path, FOLDER_DEPTH, err))
		return false;
	return set->items.count > before ||
	       error_set(err, ERROR_REFUSED,
		       "%s: the folder holds no samples; samples are .npz, .npy, .pb or "
		       ".bin files",
		       text_quoted_z(path));
}

/* Files that stand next to each other are taken as one folder's. */
static bool list_run(
	struct sample_set *set, char *const *paths, size_t count, struct error *err)
{
	struct gathering g;
	bool listed = start(&g, set, paths[0], err);

	for (size_t i = 0; listed && i < count; i++)
		listed = add_file(&g, paths[i], err);
	listed = listed && close_item(&g, err);
	free(g.filled);
	return listed;
}

bool sample_list_files(
	struct sample_set *set, const struct text_list *data, struct error *err)
{
	struct stat status;

	for (size_t i = 0, next; i < data->count; i = next) {
		if (stat(data->items[i], &status))
			return error_set_errno(err, "%s", text_quoted_z(data->items[i]));
		next = i + 1;
		if (S_ISDIR(status.st_mode)) {
			if (!list_named_folder(set, data->items[i], err))
				return false;
			continue;
		}
		while (next < data->count && !is_folder(data->items[next]))
			next++;
		if (!list_run(set, data->items + i, next - i, err))
			return false;
	}
	return true;
}
