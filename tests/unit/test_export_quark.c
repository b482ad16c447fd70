/* Quark's configuration and subgraphs, read as Quark reads them. */
#include "export_fixture.h"
#include "plan_models.h"

#include <string.h>

/* The configuration that a node has: its own, else the one of all. */
static const json_t *layer_of(const struct exported *e, const char *node)
{
	const json_t *list = json_object_get(e->json, "specific_layer_config");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_has(json_array_get(json_array_get(list, i), 1), node))
			return json_array_get(json_array_get(list, i), 0);
	return json_object_get(e->json, "global_config");
}

static enum qtype side(const struct exported *e, const char *node, const char *key)
{
	const json_t *layer = layer_of(e, node), *spec = json_object_get(layer, key);
	const char *type = json_text(spec, "data_type");

	if (!spec && !strcmp(key, "output_tensors"))
		return side(e, node, "input_tensors");
	return qtype_parse(type, strlen(type));
}

/* Each reader of each tensor and each tensor: as the file says, or in the report. */
static void expect_layers(const struct exported *e)
{
	const struct export_source *s = &e->source;
	const struct graph *g = s->graph;

	for (tensor_id t = 0; t < g->main_tensors; t++) {
		uint32_t count;
		const struct graph_reader *readers = graph_readers_of(g, t, &count);
		node_id made_by = g->tensors[t].producer;
		const char *name = graph_tensor_name(g, t);

		if (graph_is_constant(g, t) || !s->outcome->tensors[t].stored)
			continue;
		if (made_by != GRAPH_NONE && s->outcome->nodes[made_by].seen)
			cr_expect(
				side(e, graph_node_name(g, made_by), "output_tensors") ==
						s->outcome->tensors[t].stored ||
					losses_of(e, "layer", NULL),
				"%s", name);
		for (uint32_t i = 0; i < count; i++) {
			const char *node = graph_node_name(g, readers[i].node);

			if (!graph_is_main(g, readers[i].node) ||
				!s->outcome->nodes[readers[i].node].seen)
				continue;
			cr_expect(side(e, node, "input_tensors") ==
						  outcome_seen(s->outcome, t,
							  readers[i].node) ||
					  loss_of(e, "layer", node),
				"%s > %s", name, node);
		}
	}
}

Test(export_quark, eight_nodes)
{
	struct exported e = export_eight("quark-json");
	const json_t *extra = json_object_get(e.json, "extra_options");

	cr_assert(e.json);
	expect_layers(&e);
	cr_expect_eq(side(&e, "Op4", "input_tensors"), QTYPE_U16);
	cr_expect_eq(side(&e, "Op7", "input_tensors"), QTYPE_U8);
	cr_expect(json_is_true(json_object_get(extra, "EnableDualQuantNodePairs")));
	cr_expect(json_is_true(json_object_get(extra, "QuantizeAllOpTypes")));
	cr_expect_eq(losses_of(&e, "seed", NULL), 1);
	cr_expect_eq(losses_of(&e, "range", NULL), 10);
	cr_expect_eq(e.made.losses.count, 11);
}

Test(export_quark, recognizer)
{
	struct exported e = export_rec("quark-json");
	const json_t *weight =
		json_object_get(json_object_get(e.json, "global_config"), "weight");

	cr_assert(e.json);
	expect_layers(&e);
	cr_expect_str_eq(
		json_text(weight, "quant_granularity"), "QuantGranularity.Channel");
	cr_expect_eq(side(&e, "p2o.Conv.35", "input_tensors"), QTYPE_U16);
	cr_expect_eq(losses_of(&e, "convert", NULL), 0);
	cr_expect_eq(losses_of(&e, "option", NULL), 0);
}

/* What every member of a specification needs: QTensorConfig(**members). */
Test(export_quark, whole_specifications)
{
	struct exported e = export_eight("quark-json");
	const json_t *spec = json_object_get(layer_of(&e, "Op4"), "input_tensors");
	static const char *const keys[] = {"symmetric", "scale_type",
		"calibration_method", "quant_granularity", "data_type"};

	cr_expect_eq(json_object_size(spec), 5);
	for (size_t i = 0; i < 5; i++)
		cr_expect(json_object_get(spec, keys[i]), "%s", keys[i]);
}

/* The Python source gives the same dictionary, with classes that keep what they get. */
Test(export_quark, python)
{
	static const char program[] =
		"import sys, types, json\n"
		"def spec(name):\n"
		"    return lambda symmetric, calibration_method, "
		"quant_granularity='Tensor': "
		"{'symmetric': symmetric, 'scale_type': 'ScaleType.Float32', "
		"'calibration_method': 'CalibMethod.' + calibration_method, "
		"'quant_granularity': 'QuantGranularity.' + quant_granularity, "
		"'data_type': name}\n"
		"class Layer(dict):\n"
		"    __hash__ = object.__hash__\n"
		"m = types.ModuleType('quark.onnx')\n"
		"for n in 'Int8', 'Int16', 'UInt8', 'UInt16': setattr(m, n + 'Spec', "
		"spec(n))\n"
		"m.CalibMethod = types.SimpleNamespace(MinMax='MinMax')\n"
		"m.QuantGranularity = types.SimpleNamespace(Channel='Channel')\n"
		"m.QLayerConfig = Layer\n"
		"m.QConfig = dict\n"
		"sys.modules['quark'] = types.ModuleType('quark')\n"
		"sys.modules['quark.onnx'] = m\n"
		"space = {}\n"
		"exec(sys.stdin.read(), space)\n"
		"c = space['config']\n"
		"c['specific_layer_config'] = [[dict(k), v] for k, v in "
		"c['specific_layer_config'].items()]\n"
		"print(json.dumps(c))\n";
	const char *python = test_need_python();
	struct exported e = export_eight("quark");
	const char *out = export_through(&e, python, program);
	json_t *read = json_loads(out, 0, NULL);

	export_again(&e, "quark-json");
	cr_expect(json_equal(read, e.json), "%s", out);
}

/* ---- subgraphs: the walk of Quark's own reader */

static void walk(const struct exported *e, const json_t *ends, node_id node, bool *seen)
{
	const struct graph *g = e->source.graph;

	if (seen[node])
		return;
	seen[node] = true;
	if (json_has(ends, graph_node_name(g, node)))
		return;
	for (uint32_t i = 0; i < g->nodes[node].output_count; i++) {
		tensor_id t = graph_output_of(g, node, i);
		uint32_t count = 0;
		const struct graph_reader *readers =
			t == GRAPH_NONE ? NULL : graph_readers_of(g, t, &count);

		for (uint32_t r = 0; r < count; r++)
			if (graph_is_main(g, readers[r].node))
				walk(e, ends, readers[r].node, seen);
	}
}

static void expect_regions(const struct exported *e)
{
	const struct outcome *o = e->source.outcome;
	const json_t *list = json_object_get(e->json, "subgraphs");

	cr_assert_eq(json_array_size(list), o->region_count);
	cr_expect_eq(json_integer_value(json_object_get(e->json, "num_subgraphs")),
		o->region_count);
	for (uint32_t r = 0; r < o->region_count; r++) {
		const json_t *item = json_array_get(list, r),
			     *starts = json_object_get(item, "start_nodes");
		bool *seen = calloc(e->source.graph->main_nodes, 1);

		for (size_t i = 0; i < json_array_size(starts); i++) {
			const char *name = json_string_value(json_array_get(starts, i));

			walk(e, json_object_get(item, "end_nodes"),
				graph_find_node(e->source.graph, name, strlen(name)),
				seen);
		}
		for (node_id n = 0; n < e->source.graph->main_nodes; n++)
			cr_expect_eq(seen[n], o->nodes[n].region == r, "%s",
				graph_node_label(e->source.graph, n));
	}
}

Test(export_quark, subgraphs)
{
	struct exported e = export_eight("quark-subgraphs");

	expect_regions(&e);
	e = export_rec("quark-subgraphs");
	expect_regions(&e);
}

/* A region with a reader outside in its middle, and with a hole. */
Test(export_quark, subgraph_with_a_hole)
{
	struct fixture f = fixture_make(
		"a Sin x -> a1\nb Sin a1 -> b1\nc Sin a1 -> c1\nd Mul b1;c1 -> d1\n"
		"e Cos b1 -> e1\n!d1\n!e1\n");
	struct exported e = {0};
	struct error err = ERROR_INIT;

	fixture_seed(&f, "node:a=u16 node:b=u16 node:d=u16");
	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	export_again(&e, "quark-subgraphs");
	cr_expect_eq(e.source.outcome->region_count, 1);
	expect_regions(&e);
}

/* One reader of two sees another type: its layer has only one for both, and says so. */
Test(export_quark, mixed_layer)
{
	struct exported e = export_plan(
		NULL, "mixed8", NULL, NULL, "Op4_out>Op5=QUInt16", "quark-json");

	expect_layers(&e);
	cr_expect_eq(side(&e, "Op5", "input_tensors"), QTYPE_U16);
	cr_expect_eq(side(&e, "Op5", "output_tensors"), QTYPE_U8);
	cr_expect_eq(losses_of(&e, "convert", NULL), 0);
	cr_expect_eq(loss_of(&e, "layer", "Op5")->kind, LOSS_MEANING);
}

/* Symmetric tensors, excluded nodes and options. */
Test(export_quark, flags_and_options)
{
	struct fixture f = fixture_mixed8();
	struct exported e = {0};
	struct error err = ERROR_INIT;
	struct quant_options options;
	const json_t *extra;

	fixture_load(&f, "{\"Op1_out\": [{\"symmetric\": true}]}");
	cr_assert(options_copy(&options, f.plan->options, &err));
	cr_assert(text_list_add(&options.nodes_to_exclude, "Op7", &err));
	options.no_quantize_bias = options.use_contrib_ops = true;
	cr_assert(text_list_add(&options.op_types_to_exclude_output, "Sin,Cos", &err));
	cr_assert(plan_set_options(f.plan, &options, &err), "%s", err.text);
	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
	export_again(&e, "quark-json");
	cr_assert(e.json, "%s", e.text);
	extra = json_object_get(e.json, "extra_options");
	cr_expect(json_is_true(json_object_get(
		json_object_get(layer_of(&e, "Op1"), "output_tensors"), "symmetric")));
	cr_expect(json_has(json_object_get(e.json, "exclude"), "Op7"));
	cr_expect(json_is_false(json_object_get(extra, "QuantizeBias")));
	cr_expect(json_has(
		json_object_get(extra, "OpTypesToExcludeOutputQuantization"), "Cos"));
	cr_expect_eq(losses_of(&e, "symmetric", NULL), 0);
	cr_expect_eq(losses_of(&e, "exclude", NULL), 0);
	cr_expect_eq(losses_of(&e, "option", NULL), 1);
	cr_expect(loss_of(&e, "option", "UseQDQContribOps"));
}
