/* Files of other tools, read as what a plan can hold: one table of formats, each
 * recognised by its content.
 *
 * A format is one row of import_formats (import.c) and one function in a file of its own,
 * which includes export/importer.h. What the model has no place for is no failure: it is
 * told, and the rest is taken. */
#ifndef QDQEDIT_EXPORT_IMPORT_H
#define QDQEDIT_EXPORT_IMPORT_H

#include "export/export.h"
#include "plan/plan.h"
#include "plan/scores.h"

/* What a format gives. */
enum import_part {
	IMPORT_OVERRIDES = 1 << 0, /* types and parameters, as loaded overrides */
	IMPORT_RANGES = 1 << 1,
	IMPORT_SEEDS = 1 << 2,
	IMPORT_FLOAT = 1 << 3, /* nodes that stay float */
	IMPORT_SCORES = 1 << 4,
};

struct importer;
struct import_input;

struct import_format {
	const char *name;  /* --format NAME */
	const char *about; /* one line */
	unsigned gives;    /* enum import_part, at most */

	/* Whether the content is of this format. */
	bool (*detect)(const struct import_input *input);

	/* Reads it; faults are told by the functions of importer.h. NULL for models,
	 * which are no texts: job/import.h reads them. */
	void (*read)(struct importer *importer, const struct import_input *input);
};

/* In the order in which content is looked at. */
extern const struct import_format import_formats[];
extern const size_t import_format_count;

/* The format of a name, or NULL with an error that suggests the nearest. */
const struct import_format *import_find(const char *name, struct error *err);

/* What a file gives, by ids of the graph that it was read for. Zero-initialized is
 * empty; freed by import_release. */
struct imported {
	const struct import_format *format;
	struct overrides overrides;
	struct ranges ranges;
	struct seed_list seeds;    /* with names of regions */
	struct text_list excluded; /* nodes that stay float, by name */
	struct scores scores;      /* perhaps without an order */
	struct arena arena;
};

void import_release(struct imported *imported);

/* Reads a text (`name` is the file's, for messages) as `format`, NULL: as what it looks
 * like. `out` is filled anew. Faults are errors in `problems`; what could not be placed
 * is a warning with the id of plan/unplaced.h; notes are notes. False if there was an
 * error, nothing at all could be placed, or memory is gone (then `err` is set). */
bool import_read(struct imported *out, const struct graph *graph,
	const struct quant_options *options, const char *text, size_t length,
	const char *name, const struct import_format *format,
	struct problem_list *problems, struct error *err);

/* True for bytes that no text begins with: those of a model. */
bool import_begins_model(const char *bytes, size_t length);

/* What could not be placed, as losses; without the float tensors when they may pass. */
bool import_list_losses(const struct problem_list *problems, const char *name,
	bool accept_float, struct loss_list *losses, struct error *err);

/* The largest file that is read. */
enum { IMPORT_BYTES_MAX = 1 << 28 };

#endif
