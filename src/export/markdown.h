/* Private to src/export: what the parts of the Markdown report share. */
#ifndef QDQEDIT_EXPORT_MARKDOWN_H
#define QDQEDIT_EXPORT_MARKDOWN_H

#include "export/writer.h"

enum { MARKDOWN_NAME = 512 }; /* bytes of a name, escaped */

/* A name as code in a cell of a table: a bar is written \|, a backtick needs two around.
 */
void markdown_put_code(struct export_writer *writer, const char *text);

/* A sentence as text: what Markdown would read as marks is escaped. */
void markdown_put_text(struct export_writer *writer, const char *text);

/* Labels of nodes as code, with commas. */
void markdown_put_nodes(
	struct export_writer *writer, const node_id *nodes, uint32_t count);
void markdown_put_f32(struct export_writer *writer, double value);

/* "u16", "float". */
const char *markdown_type(enum qtype type);

/* Whether a tensor has a row: those about which nothing was chosen are counted only. */
bool markdown_has_row(const struct export_source *source, tensor_id tensor);

/* A section for each region with its tensors, and one for those of none. */
bool markdown_put_regions(struct export_writer *writer);

#endif
