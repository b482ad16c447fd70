#include "job/demo_files.h"

#include "base/output.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

static bool write_one(const char *folder, const char *name, const void *bytes,
	size_t size, bool force, struct error *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return error_set(err, ERROR_REFUSED,
			"%s: name too long; use a shorter folder", text_path(folder));
	return output_text(path, bytes, size, force, err);
}

bool demo_write_files(
	const struct demo *demo, const char *folder, bool force, struct error *err)
{
	char name[64];

	if (mkdir(folder, 0777) && errno != EEXIST)
		return error_set_errno(
			err, "%s: cannot make the folder", text_path(folder));
	snprintf(name, sizeof(name), "%s.onnx", demo->name);
	if (!write_one(folder, name, demo->model, demo->model_size, force, err) ||
		!write_one(folder, "ranges.json", demo->ranges, demo->ranges_size, force,
			err) ||
		!write_one(folder, "options.txt", demo->options, strlen(demo->options),
			force, err) ||
		!write_one(folder, "seeds.txt", demo->seeds, strlen(demo->seeds), force,
			err))
		return false;
	for (size_t i = 0; i < demo->sample_count; i++) {
		const struct demo_sample *sample = &demo->samples[i];

		if (!write_one(folder, sample->name, sample->bytes, sample->size, force,
			    err))
			return false;
	}
	return true;
}
