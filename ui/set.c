#include "ui/set.h"

#include "base/path.h"
#include "base/text.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a name is set in; flags take no value, "no" before them clears. */
enum kind {
	KIND_FLAG,
	KIND_TYPE,
	KIND_OPS,
	KIND_POLICY,
	KIND_NODES,
	KIND_NUMBER,
	KIND_EDGES,
	KIND_SCORES,
	KIND_PATH
};

struct setting {
	const char *name, *help;
	enum kind kind;
	bool editor;     /* of the editor, not of the quantizer */
	size_t offset;   /* in struct quant_options or ui_settings */
	int least, most; /* of a number */
};

#define QUANT(field) false, offsetof(struct quant_options, field), 0, 0
#define EDITOR(field) true, offsetof(struct ui_settings, field), 0, 0
#define NUMBER(field, least, most) true, offsetof(struct ui_settings, field), least, most

static const struct setting settings[] = {
	{"ort-compatible", "exactly what ONNX Runtime does, faults included", KIND_FLAG,
		QUANT(ort_compatible)},
	{"keep-constants", "leave Constant nodes as they are", KIND_FLAG,
		QUANT(keep_constants)},
	{"activation-type", "default type of activations", KIND_TYPE,
		QUANT(activation_type)},
	{"weight-type", "default type of weights", KIND_TYPE, QUANT(weight_type)},
	{"per-channel", "weights by channel", KIND_FLAG, QUANT(per_channel)},
	{"reduce-range", "7 bits of 8", KIND_FLAG, QUANT(reduce_range)},
	{"op-types", "A,B or all: operators that are quantized", KIND_OPS,
		QUANT(op_types)},
	{"nodes-to-exclude", "a,b: nodes that stay float", KIND_NODES,
		QUANT(nodes_to_exclude)},
	{"nodes-to-quantize", "a,b: no other nodes", KIND_NODES,
		QUANT(nodes_to_quantize)},
	{"opset-policy", "raise or keep", KIND_POLICY, QUANT(opset_policy)},
	{"hints", "the line of keys at the bottom", KIND_FLAG, EDITOR(hints)},
	{"live", "the accuracy of the plan after each edit", KIND_FLAG, EDITOR(live)},
	{"ascii", "no character outside ASCII", KIND_FLAG, EDITOR(ascii)},
	{"consts", "constants in the graph's picture", KIND_FLAG, EDITOR(constants)},
	{"edge", "name,shape,type on the graph's lines, or none", KIND_EDGES,
		EDITOR(edges)},
	{"clipboard", "y and Y copy to the terminal's clipboard", KIND_FLAG,
		EDITOR(clipboard)},
	{"announce", "a move says its row in a sentence, other panes wait", KIND_FLAG,
		EDITOR(announce)},
	{"lanes", "lanes in the outline, 1 to 6", KIND_NUMBER, NUMBER(lanes, 1, 6)},
	{"showkeys", "the last keys at the bottom right", KIND_FLAG, EDITOR(showkeys)},
	{"pace", "milliseconds a key of script --show", KIND_NUMBER,
		NUMBER(pace, 0, 10000)},
	{"scores", "better, worse or unknown: what high imported scores mean",
		KIND_SCORES, EDITOR(scores)},
	{"ort-lib", "ONNX Runtime's library, a file or folder", KIND_PATH,
		EDITOR(ort_lib)},
};

enum { SETTINGS = sizeof(settings) / sizeof(*settings) };

static const struct setting *find(const char *name, size_t length)
{
	for (int i = 0; i < SETTINGS; i++)
		if (strlen(settings[i].name) == length &&
			!strncmp(settings[i].name, name, length))
			return &settings[i];
	return NULL;
}

static bool set_list_option(struct text_list *list, const char *value, struct error *err)
{
	text_list_release(list);
	return text_list_add(list, value, err);
}

static bool set_type(enum qtype *type, const char *value, struct error *err)
{
	*type = qtype_parse(value, strlen(value));
	return *type != QTYPE_NONE ||
	       error_set(err, ERROR_REFUSED, "%s is no type; u8 s8 u16 s16 u4 s4 are",
		       text_quoted_z(value));
}

static bool set_policy(enum opset_policy *policy, const char *value, struct error *err)
{
	*policy = strcmp(value, "keep") ? OPSET_RAISE : OPSET_KEEP;
	return !strcmp(value, "keep") || !strcmp(value, "raise") ||
	       error_set(err, ERROR_REFUSED, "opset-policy is raise or keep");
}

static bool set_number(
	const struct setting *setting, int *number, const char *value, struct error *err)
{
	char *end;
	long wish = strtol(value, &end, 10);

	if (end == value || *end || wish < setting->least || wish > setting->most)
		return error_set(err, ERROR_REFUSED, "%s: %s is not %d to %d",
			setting->name, text_quoted_z(value), setting->least,
			setting->most);
	*number = (int)wish;
	return true;
}

static const char *const edge_words[] = {"name", "shape", "type"};

static bool set_edges(unsigned *edges, const char *value, struct error *err)
{
	unsigned bits = 0;

	for (const char *at = value; *at && strcmp(value, "none") != 0;) {
		size_t n = strcspn(at, ","), i = 0;

		while (i < 3 && (strlen(edge_words[i]) != n ||
					strncmp(edge_words[i], at, n) != 0))
			i++;
		if (i == 3)
			return error_set(err, ERROR_REFUSED,
				"edge: %s is none of name, shape, type",
				text_quoted(at, n));
		bits |= 1u << i;
		at += n + (at[n] == ',');
	}
	*edges = bits;
	return true;
}

/* In the order of enum score_order. */
static const char *const score_meanings[] = {"unknown", "better", "worse"};

static bool set_scores(enum score_order *order, const char *value, struct error *err)
{
	for (int i = 0; i < 3; i++)
		if (!strcmp(score_meanings[i], value)) {
			*order = (enum score_order)i;
			return true;
		}
	return error_set(err, ERROR_REFUSED, "scores is better, worse or unknown");
}

/* Puts the value into the record that holds the setting. */
static bool assign(const struct setting *setting, void *record, bool on,
	const char *value, struct error *err)
{
	void *field = (char *)record + setting->offset;

	switch (setting->kind) {
	case KIND_FLAG:
		*(bool *)field = on;
		return true;
	case KIND_TYPE:
		return set_type(field, value, err);
	case KIND_OPS:
		((struct quant_options *)record)->all_op_types = !strcmp(value, "all");
		return set_list_option(field, strcmp(value, "all") ? value : "", err);
	case KIND_NODES:
		return set_list_option(field, value, err);
	case KIND_POLICY:
		return set_policy(field, value, err);
	case KIND_NUMBER:
		return set_number(setting, field, value, err);
	case KIND_EDGES:
		return set_edges(field, value, err);
	case KIND_SCORES:
		return set_scores(field, value, err);
	case KIND_PATH:
		path_from_home(value, field, sizeof(((struct ui_settings *)0)->ort_lib));
		return true;
	}
	return false;
}

/* New options may bring a new graph; a smaller change keeps rows and selection. */
static unsigned take_options(
	struct ui *ui, const struct quant_options *options, const char *what)
{
	const struct graph *graph = ui->session->graph;
	struct error err = ERROR_INIT;

	measure_stop(ui);
	if (!session_set_options(ui->session, options, &err))
		return ui_fail(ui, &err);
	if (ui->session->graph != graph ? !ui_reload(ui, &err) : !ui_update(ui, &err))
		return ui_fail(ui, &err) | DID_EDIT;
	return ui_say(ui, SEVERITY_NOTE, "%s set. %u DQ→Q now", what,
		       ui->outcome->cost.conversions) |
	       DID_EDIT | DID_MOVE;
}

static bool is_option(const char *name)
{
	for (size_t i = 0; i < option_table_count; i++)
		if (!strcasecmp(option_table[i].name, name))
			return true;
	return false;
}

static unsigned set_quant(struct ui *ui, const struct setting *setting, const char *name,
	bool on, const char *value)
{
	struct quant_options options;
	struct error err = ERROR_INIT;
	char what[80];
	unsigned did;
	bool done;

	if (ui->configuring && (setting || is_option(name)))
		return ui_say(ui, SEVERITY_ERROR,
			"%.60s is the quantizer's: give it on the command line, where "
			"every command sees it",
			setting ? setting->name : name);

	options_init(&options);
	done = options_copy(&options, ui->session->plan->options, &err);
	if (done)
		done = setting ? assign(setting, &options, on, value, &err)
			       : options_set(&options, name, value, &err);
	text_escape(what, sizeof(what), name, strlen(name));
	did = done ? take_options(ui, &options, what) : ui_fail(ui, &err);
	options_release(&options);
	return did;
}

static unsigned set_editor(
	struct ui *ui, const struct setting *setting, bool on, const char *value)
{
	struct error err = ERROR_INIT;
	struct ui_settings before = ui->settings;

	if (setting->kind == KIND_PATH && measure_job_is_busy(&ui->measure))
		return ui_say(ui, SEVERITY_ERROR, "a job is using the library");
	if (!assign(setting, &ui->settings, on, value, &err)) {
		ui->settings = before;
		return ui_fail(ui, &err);
	}
	if (setting->offset == offsetof(struct ui_settings, ascii))
		ui->settings.acs = false;
	ui->frame.ascii = ui->settings.ascii;
	ui->frame.acs = ui->settings.acs;
	if (setting->offset == offsetof(struct ui_settings, live))
		measure_retry(ui, on);
	/* the search looks into the configuration file itself, at its place */
	if (setting->kind == KIND_PATH && !ui->configuring)
		measure_take_library(ui);
	return DID_LAYOUT | DID_CLEAR | DID_REDRAW;
}

unsigned set_option(struct ui *ui, const char *text)
{
	size_t n = strcspn(text, "= ");
	const struct setting *setting = find(text, n);
	bool on = true;
	char name[96], value[PROMPT_ROOM];

	if (!setting && n > 2 && !strncmp(text, "no", 2)) {
		setting = find(text + 2, n - 2);
		on = !setting;
		if (setting && setting->kind != KIND_FLAG)
			return ui_say(
				ui, SEVERITY_ERROR, "%s takes a value", setting->name);
	}
	snprintf(name, sizeof(name), "%.*s", (int)(n < 90 ? n : 90), text);
	snprintf(value, sizeof(value), "%s", text + n + (text[n] != '\0'));
	if (setting && setting->kind == KIND_FLAG && !strcmp(value, "false"))
		on = false;
	else if (setting && setting->kind != KIND_FLAG && !*value)
		return ui_say(ui, SEVERITY_ERROR, "%s takes a value: %s", setting->name,
			setting->help);
	if (setting && setting->editor)
		return set_editor(ui, setting, on, value);
	return set_quant(ui, setting, name, on, value);
}

static void show_edges(unsigned edges, char *out, size_t room)
{
	size_t at = 0;

	snprintf(out, room, "none");
	for (unsigned i = 0; i < 3; i++)
		if (edges >> i & 1)
			at += (size_t)snprintf(out + at, room - at, "%s%s", at ? "," : "",
				edge_words[i]);
}

static void show(
	const struct ui *ui, const struct setting *setting, char *out, size_t room)
{
	const struct quant_options *options = ui->session->plan->options;
	const char *record =
		setting->editor ? (const char *)&ui->settings : (const char *)options;
	const void *field = record + setting->offset;
	const struct text_list *list = field;

	switch (setting->kind) {
	case KIND_FLAG:
		snprintf(out, room, "%s", *(const bool *)field ? "yes" : "no");
		break;
	case KIND_TYPE:
		snprintf(out, room, "%s", qtypes[*(const enum qtype *)field].brief);
		break;
	case KIND_OPS:
	case KIND_NODES:
		snprintf(out, room, "%s",
			setting->kind == KIND_OPS && options->all_op_types ? "all"
			: list->count ? list->items[0]
				      : "");
		break;
	case KIND_POLICY:
		snprintf(out, room, "%s",
			*(const enum opset_policy *)field == OPSET_KEEP ? "keep"
									: "raise");
		break;
	case KIND_NUMBER:
		snprintf(out, room, "%d", *(const int *)field);
		break;
	case KIND_EDGES:
		show_edges(*(const unsigned *)field, out, room);
		break;
	case KIND_SCORES:
		snprintf(out, room, "%s",
			score_meanings[*(const enum score_order *)field]);
		break;
	case KIND_PATH:
		word_path(field, out, room);
		break;
	}
}

/* What stands for the value in the man page. */
static const char *const placeholders[] = {
	[KIND_FLAG] = "",
	[KIND_TYPE] = "TYPE",
	[KIND_OPS] = "A,B",
	[KIND_POLICY] = "raise|keep",
	[KIND_NODES] = "A,B",
	[KIND_NUMBER] = "N",
	[KIND_SCORES] = "WORD",
	[KIND_EDGES] = "PARTS",
	[KIND_PATH] = "PATH",
};

char *set_dump(void)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	for (int i = 0; i < SETTINGS; i++)
		fprintf(out, "set\t%s\t%s\t%s\t%s\n", settings[i].name,
			placeholders[settings[i].kind],
			settings[i].editor ? "editor" : "quantizer", settings[i].help);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

char *set_list(const struct ui *ui)
{
	size_t room = (SETTINGS + option_table_count) * 400 + 1, at = 0;
	char *text = malloc(room), value[200];

	for (int i = 0; text && i < SETTINGS; i++) {
		show(ui, &settings[i], value, sizeof(value));
		at += (size_t)snprintf(text + at, room - at, "%-20s %-12.60s %.200s\n",
			settings[i].name, value, settings[i].help);
	}
	for (size_t i = 0; text && i < option_table_count; i++) {
		const struct option_info *info = &option_table[i];

		options_get(ui->session->plan->options, info, value, sizeof(value));
		at += (size_t)snprintf(text + at, room - at, "%-32s %-8.60s %.200s\n",
			info->name, value, info->help);
	}
	return text;
}
