/* What other tools can take of a plan: one table of formats, one source that all of them
 * read, and the exact list of what a format could not carry.
 *
 * A format is one row of export_formats (formats.c) and one function in a file of its
 * own, which includes export/writer.h and appends text. What is lost is not the
 * function's business: the source lists everything that a person chose or measured as
 * items, the row says which parts the format holds, and export_make reports every item
 * of the others. */
#ifndef QDQEDIT_EXPORT_EXPORT_H
#define QDQEDIT_EXPORT_EXPORT_H

#include "plan/outcome.h"
#include "plan/scores.h"
#include "quant/inspect.h"

/* The parts of a plan: S1 to S15 of export-formats.md 2. */
enum export_part {
	PART_OPTIONS = 1 << 1,     /* default types, per channel, extra options */
	PART_TYPES = 1 << 2,       /* type chosen for a tensor */
	PART_SCALES = 1 << 3,      /* scale and zero point given for a tensor */
	PART_RANGES = 1 << 4,      /* real range of a tensor: given, or measured */
	PART_FLAGS = 1 << 5,       /* symmetric, reduce_range of a tensor */
	PART_CHANNELS = 1 << 6,    /* axis, and parameters for each channel */
	PART_CONVERSIONS = 1 << 7, /* a converted type that all readers see */
	PART_READERS = 1 << 8,     /* one that only some readers see */
	PART_CONVERTED = 1 << 9,   /* scale, range, flags of the converted side */
	PART_FLOAT = 1 << 10,      /* what stays float: nodes, operators */
	PART_REGIONS = 1 << 11,    /* names and notes of regions */
	PART_REASONS = 1 << 12,    /* seeds: what a person asked for, why all else is */
	PART_SCORES = 1 << 13,     /* measured scores */
	PART_PLACEMENT = 1 << 14,  /* options about where Q and DQ stand */
	PART_IDENTITY = 1 << 15,   /* which model it is; never reported as lost */
};

/* One thing that is in the plan at hand. Texts are escaped, in the source's arena. */
struct export_item {
	enum export_part part;
	const char *word;    /* "convert", "scale", "region" ... */
	const char *subject; /* "Op2_out -> Op4" */
	const char *detail;  /* "u8>u16" */
	tensor_id tensor;    /* it is about, or GRAPH_NONE */
	node_id node;        /* reader of a conversion, excluded node, or GRAPH_NONE */
	uint32_t index;      /* of the region or seed, or GRAPH_NONE */
	bool bulk;           /* one of many alike (measured ranges): told together */
};
struct export_items ARRAY_OF(struct export_item);

/* Where the range of a tensor comes from. */
enum export_origin {
	ORIGIN_NONE,
	ORIGIN_MEASURED, /* from ranges: plan->ranges->source */
	ORIGIN_LOADED,   /* from loaded overrides */
	ORIGIN_TYPED,    /* a person set it */
	ORIGIN_DATA,     /* a constant's own values */
};

/* The numbers that a tensor of the main graph has in the quantized model. */
struct export_tensor {
	enum numbers_kind kind; /* NUMBERS_FLOAT: stays float; NUMBERS_NO_RANGE: nothing
				   below is known; NUMBERS_BIAS: int32, zero point 0 */
	enum qtype type;        /* QTYPE_NONE for float and for a bias */
	int32_t element;        /* of the scales: ELEMENT_FLOAT or ELEMENT_FLOAT16 */
	uint64_t count;         /* of scales: 1, channels or blocks */
	const double *scales;
	const int32_t *zero_points; /* NULL for a bias */
	int32_t axis;               /* -1: one scale */
	int64_t block;              /* > 0: one scale for each block along the axis */
	bool symmetric, reduced;
	struct scale converted; /* type QTYPE_NONE without conversion */
	tensor_id shares;       /* whose numbers these are, or GRAPH_NONE */
	enum export_origin origin;
	double low, high; /* the range as given or measured, unless ORIGIN_NONE; of
			     constants what the first scale came from */
};

/* Everything that formats read. Borrowed but for `items`, `tensors` and the arena. */
struct export_source {
	const struct graph *graph; /* names, nodes, readers */
	const struct plan *plan;   /* what was chosen: seeds, param edits, given */
	const struct quant_options *options;
	const struct ranges *ranges;
	const struct ranges *more_ranges; /* by name, of tensors that only ONNX Runtime
					     sees: its Constants, what a raise makes; or
					     NULL */
	const struct outcome *outcome;    /* what follows: states, boundaries, regions */
	const struct overrides *entries;  /* complete and consistent: outcome->entries */
	const char *title;                /* the model's file name, escaped */
	struct export_items items;
	struct export_tensor *tensors; /* graph->main_tensors long; NULL until
					  export_measure */
	const char **old_names; /* by main node: its name in the file when the program
				   gave it another, else NULL; NULL if none */
	const double *scores;   /* by tensor, NaN: none, perhaps infinite; NULL without
				   scores */
	const char *score_name; /* what they are, "SNR dB" */
	struct arena arena;
};

enum loss_kind {
	LOSS_LOST,    /* not in the file */
	LOSS_MOVED,   /* in the file at another place */
	LOSS_MEANING, /* in the file as something else */
	LOSS_RENAMED, /* under another name */
};
extern const char *const loss_kind_names[];

/* One line of the report: "lost  convert  Op2_out -> Op4  u8>u16  WHY". */
struct loss {
	enum loss_kind kind;
	enum export_part part;
	const char *word, *subject, *detail, *why;
	bool bulk;
};

struct loss_list {
	struct loss *items;
	size_t count, room;
	struct arena arena;
};

enum export_flag {
	EXPORT_NUMBERS = 1 << 0, /* reads source->tensors */
	EXPORT_RANGES = 1 << 1,  /* refused while a quantized tensor has no numbers */
	EXPORT_FLOAT = 1 << 2,   /* turns types into "stays float": --accept-float */
	EXPORT_SEVERAL = 1 << 3, /* makes more than one file */
	EXPORT_PEER = 1 << 4,    /* ONNX Runtime itself reads it: it takes Constant nodes
				    for activations */
	EXPORT_WHOLE = 1 << 5,   /* it makes the whole quantized model of it: every
				    mending of the default mode is a change */
};

struct export_writer; /* export/writer.h */

struct export_format {
	const char *name;   /* --format NAME */
	const char *suffix; /* of the file: ".json", "_ranges.json" */
	const char *about;  /* one line */
	unsigned holds;     /* parts that it carries whole */
	unsigned some;      /* parts of which `lost` decides item by item */
	unsigned flags;     /* enum export_flag */

	/* Appends the file's text. */
	bool (*write)(struct export_writer *writer);

	/* Of an item of a part in `some`: why it is lost (static text), NULL if the
	 * format carries it. NULL without such parts. source->tensors may be NULL when
	 * the report is asked for ahead. */
	const char *(*lost)(
		const struct export_source *source, const struct export_item *item);
};

/* In the order of the list that people see. */
extern const struct export_format export_formats[];
extern const size_t export_format_count;

/* The format of a name, or NULL with an error that suggests the nearest. */
const struct export_format *export_find(const char *name, struct error *err);

/* Fills the source for a plan and its outcome; lists the items. `input` is the model as
 * it is in its file, for the names that nodes have there (NULL: as in the graph).
 * Released by export_close, also after failure. */
bool export_open(struct export_source *source, const struct plan *plan,
	const struct outcome *outcome, const struct model *input, const char *title,
	struct error *err);
void export_close(struct export_source *source);

/* Adds scores measured elsewhere, the first of each tensor, and their items. */
bool export_take_scores(
	struct export_source *source, const struct scores *scores, struct error *err);

/* Fills source->tensors; reads the constants. Harmless when done before. */
bool export_measure(struct export_source *source, struct error *err);

/* The nodes that formats with EXPORT_FLOAT leave float because they are of more than 8
 * bits, without those that are float in the plan. */
size_t export_count_wide(const struct export_source *source);

/* One file of an export. */
struct export_file {
	const char *suffix; /* of the format, or of a further file */
	char *text;
	size_t length;
};

struct export_result {
	struct export_file *items; /* the first is the one that is asked for */
	size_t count, room;
	struct loss_list losses;
};

/* Makes the files in memory, and the report. `stem` is the main file's name without
 * folder and suffix: what files call each other by. Released by export_release, also
 * after failure. */
bool export_make(struct export_source *source, const struct export_format *format,
	const char *stem, struct export_result *result, struct error *err);
void export_release(struct export_result *result);

/* The part of the report that is known without making the file: the items of the plan.
 */
bool export_foresee(const struct export_source *source,
	const struct export_format *format, struct loss_list *losses, struct error *err);

/* The report as aligned lines ("" if nothing is lost), and as a JSON array of objects
 * with kind, item, subject, detail and why; malloc'ed, NULL when memory is gone. Items
 * of the same kind in bulk are one line of the text. */
char *loss_text(const struct loss_list *losses, size_t *length);
char *loss_json(const struct loss_list *losses, size_t *length);
/* Adds a line; the texts are copied. False when memory is gone. */
bool loss_add(struct loss_list *losses, const struct loss *loss);
void loss_release(struct loss_list *losses);

/* ---- Words that several formats use. */

/* "asked", "loaded", "inferred", "shared", "default" or "float": who says what type the
 * tensor has. */
const char *export_who(const struct export_source *source, tensor_id tensor);

/* The type that a tensor has when nothing was chosen for it: the default of its kind. */
enum qtype export_usual_type(const struct export_source *source, tensor_id tensor);

/* The chain of reasons for its type in one line, escaped; malloc'ed. */
char *export_reason(
	const struct export_source *source, tensor_id tensor, struct error *err);

/* The region of a node, or NULL. */
const struct region *export_region(const struct export_source *source, node_id node);

/* True for a tensor of the main graph that holds floats: a row of tables. */
bool export_is_row(const struct export_source *source, tensor_id tensor);

#endif
