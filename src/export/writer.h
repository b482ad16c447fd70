/* Private to src/export: what a format's function writes with. Appending returns
 * nothing; memory that is gone shows at the end. */
#ifndef QDQEDIT_EXPORT_WRITER_H
#define QDQEDIT_EXPORT_WRITER_H

#include "export/export.h"
#include "plan/json.h"

struct export_writer {
	struct export_source *source;
	const struct export_format *format;
	const char *stem;   /* name of the main file without folder and suffix */
	const char *suffix; /* of the file at hand */
	struct json_out out;
	struct export_result *result;
	bool *told; /* by main node: its new name is in the report */
	struct error *err;
};

void export_put(struct export_writer *writer, const char *bytes, size_t length);
void export_puts(struct export_writer *writer, const char *text);
void export_printf(struct export_writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The shortest decimal that reads back to the same float32. */
void export_put_f32(struct export_writer *writer, double value);

/* A quoted string that JSON and Python read alike. What is not UTF-8 makes the export
 * fail. */
void export_put_string(struct export_writer *writer, const char *bytes, size_t length);
void export_put_quoted(struct export_writer *writer, const char *text);

/* A list of such strings, with its brackets. */
void export_put_list(struct export_writer *writer, const struct text_list *list);

/* The name of a tensor or node as such a string. A node that the program has named
 * itself is reported as renamed, once. */
void export_put_tensor(struct export_writer *writer, tensor_id tensor);
void export_put_node(struct export_writer *writer, node_id node);

/* The same report for a node whose name is written in another way. */
void export_name_node(struct export_writer *writer, node_id node);

/* Ends the file at hand and starts a further one; the suffix is static. */
bool export_next_file(struct export_writer *writer, const char *suffix);

/* A line of the report beyond the items that the table tells. Texts are copied. */
void export_report(struct export_writer *writer, enum loss_kind kind,
	enum export_part part, const char *word, const char *subject, const char *detail,
	const char *why);

/* ---- items.c: all that is in a plan. */
bool export_list_items(struct export_source *source, struct error *err);
bool export_list_scores(struct export_source *source, struct error *err);

/* Calls `each` for every option that is not at its default: its part, its word, its
 * name and value as text. Lists are told item by item. */
struct option_item {
	enum export_part part;
	const char *word, *name, *value;
};
bool export_each_option(const struct quant_options *options,
	bool (*each)(void *arg, const struct option_item *item), void *arg);

/* ---- One function (and perhaps a `lost`) for each format. */

/* ONNX Runtime */
bool export_write_ort(struct export_writer *writer);
bool export_write_ort_loader(struct export_writer *writer);
bool export_write_ort_python(struct export_writer *writer);
bool export_write_ort_script(struct export_writer *writer);
const char *export_lost_script(
	const struct export_source *source, const struct export_item *item);
bool export_write_ort_calibration(struct export_writer *writer);
const char *export_lost_calibration(
	const struct export_source *source, const struct export_item *item);
const char *export_lost_ort(
	const struct export_source *source, const struct export_item *item);

/* AIMET and QAIRT */
bool export_write_encodings_0(struct export_writer *writer);
bool export_write_encodings_1(struct export_writer *writer);
bool export_write_encodings_2(struct export_writer *writer);
const char *export_lost_encodings_0(
	const struct export_source *source, const struct export_item *item);
const char *export_lost_encodings_1(
	const struct export_source *source, const struct export_item *item);
const char *export_lost_encodings_2(
	const struct export_source *source, const struct export_item *item);

/* AMD Quark */
bool export_write_quark(struct export_writer *writer);
bool export_write_quark_json(struct export_writer *writer);
const char *export_lost_quark(
	const struct export_source *source, const struct export_item *item);
bool export_write_quark_subgraphs(struct export_writer *writer);

/* types alone */
bool export_write_olive(struct export_writer *writer);
bool export_write_aimet_snippet(struct export_writer *writer);
const char *export_lost_olive(
	const struct export_source *source, const struct export_item *item);
const char *export_lost_aimet_snippet(
	const struct export_source *source, const struct export_item *item);

/* lists of what stays float */
bool export_write_nncf(struct export_writer *writer);
bool export_write_inc(struct export_writer *writer);
bool export_write_inc3(struct export_writer *writer);
bool export_write_modelopt(struct export_writer *writer);
const char *export_lost_float_list(
	const struct export_source *source, const struct export_item *item);
const char *export_lost_inc3(
	const struct export_source *source, const struct export_item *item);

/* TI TIDL */
bool export_write_tidl(struct export_writer *writer);
const char *export_lost_tidl(
	const struct export_source *source, const struct export_item *item);

/* Model Explorer */
bool export_write_overlay(struct export_writer *writer);
bool export_write_overlay_scores(struct export_writer *writer);
const char *export_lost_overlay(
	const struct export_source *source, const struct export_item *item);

/* drawings (drawing.h) */
bool export_write_dot(struct export_writer *writer);
bool export_write_mermaid(struct export_writer *writer);
bool export_write_html(struct export_writer *writer);
const char *export_lost_html(
	const struct export_source *source, const struct export_item *item);

/* tables and reports */
bool export_write_markdown(struct export_writer *writer);
const char *export_lost_markdown(
	const struct export_source *source, const struct export_item *item);
bool export_write_csv(struct export_writer *writer);
bool export_write_tsv(struct export_writer *writer);
const char *export_lost_table(
	const struct export_source *source, const struct export_item *item);

#endif
