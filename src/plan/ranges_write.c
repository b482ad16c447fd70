/* Ranges as ONNX Runtime's save_tensors_data writes them, to the byte. */
#include "plan/json.h"
#include "plan/ranges.h"
#include "plan/ranges_histogram.h"

static const char *float_name(const struct range *range)
{
	return range->type == ELEMENT_FLOAT16 ? "float16" : "float32";
}

static void put_end(struct json_out *out, const char *key, double value, unsigned form,
	const struct range *range)
{
	if (range->bare || form == RANGE_BARE) {
		ranges_put_key(out, key, "");
		ranges_put_number(out, value);
		plan_json_puts(out, ", ");
		return;
	}
	ranges_put_key(out, key, form == RANGE_LIST ? "{\"data\": [" : "{\"data\": ");
	ranges_put_number(out, value);
	plan_json_puts(out, form == RANGE_LIST ? "]" : "");
	ranges_close_array(out, float_name(range));
}

static void put_range(struct json_out *out, const struct names *names, name_id name,
	const struct range *range, enum calibration_method method, bool first)
{
	if (!first)
		plan_json_puts(out, ", ");
	plan_json_put_string(
		out, names_text(names, name), names_length(names, name), true);
	plan_json_puts(out, ": {");
	put_end(out, "lowest", range->low, range->low_form, range);
	put_end(out, "highest", range->high, range->high_form, range);
	ranges_put_histogram(out, method, range);
	plan_json_puts(out, "\"CLS\": \"TensorData\"}");
}

char *ranges_write(const struct ranges *ranges, const struct graph *graph, size_t *length)
{
	struct json_out out = {0};
	bool first = true;

	plan_json_puts(&out, "{\"CLS\": \"TensorsData\", \"data\": {");
	for (uint32_t i = 0; i < ranges->count; i++) {
		tensor_id tensor = ranges->order[i];

		if (ranges_is_repeated(ranges, graph, tensor))
			continue;
		put_range(&out, &graph->names, graph->tensors[tensor].name,
			&ranges->of[tensor], ranges->method, first);
		first = false;
	}
	for (name_id i = 0; i < ranges->foreign_names.count; i++) {
		const struct foreign_range *f = &ranges->foreign[i];
		const struct range range = {
			.low = f->low, .high = f->high, .type = f->type, .bare = f->bare};

		put_range(&out, &ranges->foreign_names, i, &range, ranges->method, first);
		first = false;
	}
	plan_json_puts(&out,
		"}, \"calibration_method\": {\"CLS\": \"CalibrationMethod\", "
		"\"value\": \"CalibrationMethod.");
	plan_json_puts(&out, ranges_method_name(ranges->method));
	plan_json_puts(&out, "\"}, \"smooth_quant\": false");
	plan_json_puts(&out, ranges->random ? ", \"" RANGES_RANDOM_KEY "\": true}" : "}");
	return plan_json_finish(&out, length);
}
