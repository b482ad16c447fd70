#include "job/demo_files.h"

#include "base/output.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool take_op_types(
	struct quant_options *options, const char *value, struct error *err)
{
	if (!strcmp(value, "all")) {
		options->all_op_types = true;
		return true;
	}
	return text_list_add(&options->op_types, value, err);
}

static bool take_per_channel(
	struct quant_options *options, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	options->per_channel = true;
	return true;
}

static bool take_extra(
	struct quant_options *options, const char *value, struct error *err)
{
	char name[128];
	const char *equals = strchr(value, '=');

	if (!equals || (size_t)(equals - value) >= sizeof(name))
		return error_set(err, ERROR_REFUSED,
			"demo option --set %s: no NAME=VALUE; %s", value,
			"mend the demo's options");
	memcpy(name, value, (size_t)(equals - value));
	name[equals - value] = '\0';
	return options_set(options, name, equals + 1, err);
}

/* The command-line options that demos may carry. */
static const struct {
	const char *name;
	bool (*take)(struct quant_options *options, const char *value, struct error *err);
} demo_options[] = {
	{"--op-types", take_op_types},
	{"--per-channel", take_per_channel},
	{"--set", take_extra},
};

static bool take_line(struct quant_options *options, char *line, struct error *err)
{
	char *space = strchr(line, ' ');

	if (space)
		*space++ = '\0';
	for (size_t i = 0; i < sizeof(demo_options) / sizeof(demo_options[0]); i++) {
		if (!strcmp(line, demo_options[i].name))
			return demo_options[i].take(options, space ? space : "", err);
	}
	return error_set(err, ERROR_REFUSED, "demo option %s: not known here; %s", line,
		"mend the demo's options");
}

bool demo_set_options(
	const struct demo *demo, struct quant_options *options, struct error *err)
{
	const char *at = demo->options;
	char line[256];

	while (*at) {
		size_t length = strcspn(at, "\n");

		if (length >= sizeof(line))
			return error_set(err, ERROR_REFUSED,
				"demo %s: option too long; %s", demo->name,
				"mend the demo's options");
		memcpy(line, at, length);
		line[length] = '\0';
		if (*line && !take_line(options, line, err))
			return false;
		at += length + (at[length] == '\n');
	}
	return true;
}

/* One file of a demo. */
struct demo_file {
	const char *name;
	const void *bytes;
	size_t size;
};

/* The file of that index; false behind the last. `room` is for its name. */
static bool file_at(const struct demo *demo, size_t index, struct demo_file *file,
	char *name, size_t room)
{
	const struct demo_file fixed[] = {
		{name, demo->model, demo->model_size},
		{"ranges.json", demo->ranges, demo->ranges_size},
		{"options.txt", demo->options, strlen(demo->options)},
		{"seeds.txt", demo->seeds, strlen(demo->seeds)},
	};
	const size_t count = sizeof(fixed) / sizeof(fixed[0]);

	snprintf(name, room, "%s.onnx", demo->name);
	if (index >= count + demo->sample_count)
		return false;
	if (index < count) {
		*file = fixed[index];
	} else {
		const struct demo_sample *sample = &demo->samples[index - count];

		*file = (struct demo_file){sample->name, sample->bytes, sample->size};
	}
	return true;
}

static bool path_of(const char *folder, const char *name, char *path, struct error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) < PATH_MAX)
		return true;
	return error_set(err, ERROR_REFUSED, "%s: name too long; use a shorter folder",
		text_path(folder));
}

/* Without force nothing is written if one of the files is there. */
static bool check_files(
	const struct demo *demo, const char *folder, bool force, struct error *err)
{
	struct demo_file file;
	char path[PATH_MAX], name[64];

	for (size_t i = 0; file_at(demo, i, &file, name, sizeof(name)); i++) {
		if (!path_of(folder, file.name, path, err))
			return false;
		if (!force && access(path, F_OK) == 0)
			return error_set_exists(err, text_path(path));
	}
	return true;
}

static bool write_files(
	const struct demo *demo, const char *folder, bool force, struct error *err)
{
	struct demo_file file;
	char path[PATH_MAX], name[64];
	size_t done = 0;
	bool ok = true;

	while (ok && file_at(demo, done, &file, name, sizeof(name))) {
		ok = path_of(folder, file.name, path, err) &&
		     output_text(path, file.bytes, file.size, force, err);
		done += ok;
	}
	for (size_t i = 0; !ok && !force && i < done; i++) {
		if (file_at(demo, i, &file, name, sizeof(name)) &&
			path_of(folder, file.name, path, NULL))
			unlink(path);
	}
	return ok;
}

/* Behind a mkdir that failed. */
static bool is_folder(const char *folder, struct error *err)
{
	struct stat there;

	if (errno != EEXIST)
		return error_set_errno(
			err, "%s: cannot make the folder", text_path(folder));
	if (stat(folder, &there) == 0 && !S_ISDIR(there.st_mode))
		return error_set(err, ERROR_REFUSED, "%s: is no folder; choose another",
			text_path(folder));
	return true;
}

bool demo_write_files(
	const struct demo *demo, const char *folder, bool force, struct error *err)
{
	bool made, ok;

	output_hold(true);
	made = mkdir(folder, 0777) == 0;
	ok = (made || is_folder(folder, err)) && check_files(demo, folder, force, err) &&
	     write_files(demo, folder, force, err);
	if (made && !ok)
		rmdir(folder);
	output_hold(false);
	return ok;
}
