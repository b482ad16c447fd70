/* The table of formats: one row each, in the order in which people see them. */
#include "base/text.h"
#include "export/writer.h"

#include <string.h>

/* What ONNX Runtime's own structure holds. */
#define ENTRIES                                                                          \
	(PART_TYPES | PART_SCALES | PART_FLAGS | PART_CHANNELS | PART_CONVERSIONS |      \
		PART_READERS | PART_CONVERTED)

/* What a row for each tensor and reader can show. */
#define ROWS                                                                             \
	(PART_TYPES | PART_SCALES | PART_RANGES | PART_FLAGS | PART_CHANNELS |           \
		PART_CONVERTED | PART_FLOAT)

const struct export_format export_formats[] = {
	/* ---- ONNX Runtime */
	{"ort", ".json", "ONNX Runtime's tensor quantization overrides", ENTRIES,
		PART_RANGES, 0, export_write_ort, export_lost_ort},

	/* ---- Qualcomm: AIMET, QAIRT */

	/* ---- AMD Quark */

	/* ---- other quantizers */

	/* ---- device compilers */

	/* ---- for people and viewers */
	{"csv", ".csv", "a table with a row for each tensor and reader",
		PART_CONVERSIONS | PART_READERS | PART_REGIONS | PART_REASONS |
			PART_SCORES,
		ROWS, EXPORT_NUMBERS, export_write_csv, export_lost_table},
	{"tsv", ".tsv", "the same with tabs between columns",
		PART_CONVERSIONS | PART_READERS | PART_REGIONS | PART_REASONS |
			PART_SCORES,
		ROWS, EXPORT_NUMBERS, export_write_tsv, export_lost_table},
};

const size_t export_format_count = sizeof(export_formats) / sizeof(export_formats[0]);

/* "; did you mean 'csv'?" or the way to the list. */
static const char *nearest(const char *name)
{
	unsigned least = 3;
	const char *found = NULL;

	for (size_t i = 0; i < export_format_count; i++) {
		const char *other = export_formats[i].name;
		unsigned distance =
			text_distance(name, strlen(name), other, strlen(other), least);

		if (distance < least) {
			least = distance;
			found = other;
		}
	}
	return found;
}

const struct export_format *export_find(const char *name, struct error *err)
{
	const char *near;

	for (size_t i = 0; i < export_format_count; i++) {
		if (!strcmp(export_formats[i].name, name))
			return &export_formats[i];
	}
	near = nearest(name);
	if (near)
		error_set(err, ERROR_USAGE,
			"--format %s: no such format; did you mean '%s'?",
			text_quoted_z(name), near);
	else
		error_set(err, ERROR_USAGE,
			"--format %s: no such format; see 'qdqedit export --list'",
			text_quoted_z(name));
	return NULL;
}
