/* Private to src/export: the drawing of a plan as inline SVG, and text as HTML. */
#ifndef QDQEDIT_EXPORT_SVG_H
#define QDQEDIT_EXPORT_SVG_H

#include "export/drawing.h"

/* Text that is safe between tags and in quoted attributes. */
void html_put(struct export_writer *writer, const char *text);

/* The same for a name from a file: escaped as text_escape does it first. */
void html_put_name(struct export_writer *writer, const char *name);

/* The whole <svg> element. Colours are the classes of the page: node, end, conversion,
 * more, region, wide, narrow, float. Region i has the id "ri". */
bool svg_put_drawing(
	struct export_writer *writer, const struct drawing *drawing, struct error *err);

#endif
