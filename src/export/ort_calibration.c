/* Ranges as ONNX Runtime's load_tensors_data and calibration_cache_path read them
 * (export-formats.md 4.2): those that were measured, and where there is none the one that
 * overrides give. */
#include "base/text.h"
#include "export/writer.h"

#include <stdlib.h>

static const struct entry_params *given_range(
	const struct export_source *s, tensor_id tensor)
{
	const unsigned ends = ENTRY_RMIN | ENTRY_RMAX;
	const struct entry_list *list = overrides_find(s->entries, tensor);
	const struct entry_params *own =
		list && list->count == 1 ? &list->entries[0].own : NULL;

	return own && (own->has & ends) == ends ? own : NULL;
}

static bool add_given(const struct export_source *s, struct ranges *all, tensor_id tensor,
	struct error *err)
{
	const struct entry_params *own = given_range(s, tensor);
	int32_t type = s->graph->tensors[tensor].element_type == ELEMENT_FLOAT16
			       ? ELEMENT_FLOAT16
			       : ELEMENT_FLOAT;

	return !own || ranges_find(all, tensor) ||
	       ranges_set(all, s->graph, tensor, (double)own->rmin, (double)own->rmax,
		       type, err);
}

bool export_write_ort_calibration(struct export_writer *w)
{
	const struct export_source *s = w->source;
	struct ranges all = {0};
	size_t length;
	char *json = NULL;
	bool fine = ranges_copy(&all, s->ranges, s->graph, w->err);

	for (uint32_t i = 0; fine && i < s->entries->count; i++)
		fine = add_given(s, &all, s->entries->lists[i].tensor, w->err);
	if (fine && !all.count)
		fine = error_set(w->err, ERROR_REFUSED,
			"%s: there are no ranges; add --ranges FILE", s->title);
	if (fine) {
		json = ranges_write(&all, s->graph, &length);
		fine = json || error_set_memory(w->err, "the ranges");
	}
	if (fine)
		export_put(w, json, length);
	free(json);
	ranges_release(&all);
	return fine;
}

const char *export_lost_calibration(
	const struct export_source *source, const struct export_item *item)
{
	if (item->bulk)
		return NULL;
	if (!given_range(source, item->tensor))
		return "the format has ranges with both ends";
	return ranges_find(source->ranges, item->tensor)
		       ? "the file has the measured range of this tensor"
		       : NULL;
}
