/* Private to src/export: the parts of the page. */
#ifndef QDQEDIT_EXPORT_HTML_H
#define QDQEDIT_EXPORT_HTML_H

#include "export/svg.h"

/* Of the page's script, for its Content-Security-Policy. */
#define HTML_SCRIPT_DIGEST "sha256-wa1w0i8D4js4NzPtsh8wRACU3QMdUFIkH7Cr9Gvg3Sw="

bool html_put_conversions(struct export_writer *writer);
void html_put_regions(struct export_writer *writer);
void html_put_cost(struct export_writer *writer);

/* All that was chosen: every item of the source but those in bulk. */
void html_put_choices(struct export_writer *writer);

/* Each tensor: type, scale, range, readers. */
bool html_put_tensors(struct export_writer *writer);

/* What each other format would lose of this plan. */
bool html_put_losses(struct export_writer *writer);

#endif
