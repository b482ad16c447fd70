/* ONNX Runtime's TensorQuantOverrides as JSON: what `promote` writes
 * (export-formats.md 3.2). */
#include "export/writer.h"

#include <stdlib.h>
#include <string.h>

bool export_write_ort(struct export_writer *w)
{
	const struct export_source *s = w->source;
	size_t length;
	char *json = overrides_write(s->entries, s->graph, &length, NULL);

	if (!json)
		return error_set_memory(w->err, "the overrides");
	export_put(w, json, length);
	free(json);
	for (uint32_t i = 0; s->old_names && i < s->outcome->boundary_count; i++) {
		const struct boundary *b = &s->outcome->boundaries[i];

		for (uint32_t r = 0; r < b->reader_count; r++)
			export_name_node(w, b->readers[r]);
	}
	return true;
}

const char *export_lost_ort(
	const struct export_source *source, const struct export_item *item)
{
	(void)source;
	return item->bulk ? "overrides alone; the ranges have a file of their own "
			    "(ort-calibration)"
			  : NULL;
}
