#include "base/text.h"
#include "cli/groups.h"
#include "cli/print.h"
#include "cli/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How often each operator stands in the main graph, or inside subgraphs. */
struct op_count {
	name_id op_type;
	uint32_t count;
};

struct op_counts {
	struct op_count *items;
	size_t kinds;
};

static int by_count(const void *a, const void *b)
{
	const struct op_count *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->op_type < y->op_type ? -1 : x->op_type > y->op_type;
}

/* The counts of nodes [first, end), most frequent first; malloc'ed, none when memory is
 * gone. */
static struct op_counts count_ops(const struct graph *graph, node_id first, node_id end)
{
	struct op_count *counts = calloc((size_t)graph->names.count + 1, sizeof(*counts));
	size_t used = 0;

	if (!counts)
		return (struct op_counts){NULL, 0};
	for (node_id n = first; n < end; n++) {
		counts[graph->nodes[n].op_type].op_type = graph->nodes[n].op_type;
		counts[graph->nodes[n].op_type].count++;
	}
	for (name_id id = 0; id < graph->names.count; id++) {
		if (counts[id].count)
			counts[used++] = counts[id];
	}
	qsort(counts, used, sizeof(*counts), by_count);
	return (struct op_counts){counts, used};
}

struct weight_count {
	uint64_t bytes;
	uint32_t initializers, constants, external;
};

static struct weight_count count_weights(const struct graph *graph)
{
	struct weight_count sum = {0};

	for (tensor_id t = 0; t < graph->main_tensors; t++) {
		const Onnx__TensorProto *value = graph_constant(graph, t);
		uint64_t bytes;

		if (graph->tensors[t].flags & TENSOR_INITIALIZER)
			sum.initializers++;
		else if (graph->tensors[t].flags & TENSOR_CONSTANT)
			sum.constants++;
		if (!value)
			continue;
		sum.external += value->data_location == 1;
		if (tensor_raw_size(value, &bytes, NULL))
			sum.bytes += bytes;
	}
	return sum;
}

static json_t *json_tensors(
	const struct graph *graph, const tensor_id *ids, uint32_t count)
{
	json_t *array = json_array();
	char shape[512];

	for (uint32_t i = 0; i < count; i++) {
		const char *name = graph_tensor_name(graph, ids[i]);

		json_array_append_new(array,
			json_pack("{s:o, s:s}", "name",
				print_json_text(name, strlen(name)), "type",
				graph_shape_text(graph, ids[i], shape, sizeof(shape))));
	}
	return array;
}

static json_t *json_opsets(const struct model *model)
{
	json_t *object = json_object();

	for (size_t i = 0; i < model->proto->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *import = model->proto->opset_import[i];
		char domain[256];

		text_escape(domain, sizeof(domain), (const char *)import->domain.data,
			import->domain.len);
		json_object_set_new(object, *domain ? domain : "ai.onnx",
			json_integer(import->version));
	}
	return object;
}

static void escape_op(
	const struct graph *graph, const struct op_count *count, char *op, size_t room)
{
	text_escape(op, room, names_text(&graph->names, count->op_type),
		names_length(&graph->names, count->op_type));
}

static json_t *json_ops(const struct graph *graph, const struct op_counts *counts)
{
	json_t *object = json_object();
	char op[128];

	for (size_t i = 0; i < counts->kinds; i++) {
		escape_op(graph, &counts->items[i], op, sizeof(op));
		json_object_set_new(object, op, json_integer(counts->items[i].count));
	}
	return object;
}

/* What is told, of the model as it is in its file. */
struct info {
	const struct session *session;
	const struct graph *graph;
	struct graph *built;           /* the same where the session has no such, owned */
	struct op_counts main, inside; /* operators of the main graph; of subgraphs */
	struct weight_count weights;
	struct qdq *found;     /* groups of a model that is planned on as it is, owned */
	const struct qdq *qdq; /* groups, NULL without Q and DQ */
};

static int info_json(const struct info *info)
{
	const struct session *session = info->session;
	const struct weight_count *weights = &info->weights;
	const struct graph *graph = info->graph;
	const struct model *model = session->input;
	json_t *answer = json_pack(
		"{s:s, s:I, s:o, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:I}", "model",
		session->title, "ir_version", (json_int_t)model->proto->ir_version,
		"opset_import", json_opsets(model), "nodes", (int)graph->main_nodes,
		"tensors", (int)graph->main_tensors, "initializers",
		(int)weights->initializers, "constants", (int)weights->constants,
		"external", (int)weights->external, "subgraphs",
		(int)graph->scope_count - 1, "functions", (int)model->proto->n_functions,
		"weight_bytes", (json_int_t)weights->bytes);

	if (answer) {
		json_object_set_new(answer, "inputs",
			json_tensors(graph, graph->inputs, graph->input_count));
		json_object_set_new(answer, "outputs",
			json_tensors(graph, graph->outputs, graph->output_count));
		json_object_set_new(answer, "operators", json_ops(graph, &info->main));
		json_object_set_new(answer, "subgraph_nodes",
			json_integer(graph->node_count - graph->main_nodes));
		json_object_set_new(
			answer, "subgraph_operators", json_ops(graph, &info->inside));
		if (info->qdq)
			json_object_set_new(answer, "quantized", groups_json(info->qdq));
	}
	return print_json(answer);
}

static void print_tensors(
	const struct graph *graph, const char *head, const tensor_id *ids, uint32_t count)
{
	char name[256], shape[512];

	for (uint32_t i = 0; i < count; i++) {
		const char *text = graph_tensor_name(graph, ids[i]);

		text_escape(name, sizeof(name), text, strlen(text));
		graph_shape_text(graph, ids[i], shape, sizeof(shape));
		answer("%-10s  %s  %s\n", i ? "" : head, name, shape);
	}
}

static void print_opsets(const struct model *model)
{
	answer("opset     ");
	for (size_t i = 0; i < model->proto->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *import = model->proto->opset_import[i];
		char domain[256];

		text_escape(domain, sizeof(domain), (const char *)import->domain.data,
			import->domain.len);
		answer("%s %s %" PRId64, i ? "," : " ", *domain ? domain : "ai.onnx",
			(int64_t)import->version);
	}
	answer("\n");
}

static void print_functions(const struct model *model)
{
	for (size_t i = 0; i < model->proto->n_functions; i++) {
		const Onnx__FunctionProto *f = model->proto->functions[i];
		char name[256];

		text_escape(name, sizeof(name), (const char *)f->name.data, f->name.len);
		answer("%-10s  %s  %zu node%s\n", i ? "" : "functions", name, f->n_node,
			text_s(f->n_node));
	}
}

static void print_ops(
	const struct graph *graph, const char *head, const struct op_counts *counts)
{
	char op[128];

	for (size_t i = 0; i < counts->kinds; i++) {
		escape_op(graph, &counts->items[i], op, sizeof(op));
		answer("%-10s  %s %u\n", i ? "" : head, op, counts->items[i].count);
	}
}

static int info_text(const struct info *info)
{
	const struct session *session = info->session;
	const struct weight_count *weights = &info->weights;
	const struct graph *graph = info->graph;
	const struct model *model = session->input;
	char producer[256];

	text_escape(producer, sizeof(producer),
		(const char *)model->proto->producer_name.data,
		model->proto->producer_name.len);
	answer("model       %s\n", session->title);
	answer("IR          %" PRId64 "%s%s\n", (int64_t)model->proto->ir_version,
		*producer ? "  by " : "", producer);
	print_opsets(model);
	answer("nodes       %u in the main graph, %u in %u subgraph%s%s\n",
		graph->main_nodes, graph->node_count - graph->main_nodes,
		graph->scope_count - 1, text_s(graph->scope_count - 1),
		graph->unsorted ? "; not in topological order" : "");
	answer("tensors     %u: %u initializer%s, %u Constant output%s\n",
		graph->main_tensors, weights->initializers, text_s(weights->initializers),
		weights->constants, text_s(weights->constants));
	answer("weights     %" PRIu64 " bytes%s\n", weights->bytes,
		weights->external ? ", partly in side files" : "");
	print_tensors(graph, "inputs", graph->inputs, graph->input_count);
	print_tensors(graph, "outputs", graph->outputs, graph->output_count);
	print_functions(model);
	if (info->qdq)
		groups_text(info->qdq);
	print_ops(graph, "operators", &info->main);
	print_ops(graph, "inside", &info->inside);
	return EXIT_DONE;
}

/* A model with DQ alone (weights that are integers) is planned on as it is. */
static bool find_groups(struct info *info, struct error *err)
{
	const struct graph *graph = info->graph;

	if (info->session->quantized) {
		info->qdq = info->session->quantized->qdq;
		return true;
	}
	for (node_id n = 0; n < graph->node_count; n++) {
		if (!qdq_is_dequantize(graph, n) && !qdq_is_quantize(graph, n))
			continue;
		info->qdq = info->found = qdq_find(graph, err);
		return info->found;
	}
	return true;
}

/* The graph of the file: that of the session has Constants made initializers. */
static bool find_graph(struct info *info, struct error *err)
{
	const struct session *session = info->session;

	if (session->quantized)
		info->graph = session->quantized->file;
	else if (session->model == session->input)
		info->graph = session->graph;
	else
		info->graph = info->built = graph_build(session->input, err);
	return info->graph;
}

static int tell(struct info *info, bool json)
{
	struct error err = ERROR_INIT;

	if (!find_graph(info, &err) || !find_groups(info, &err))
		return cli_fail(&err);
	info->weights = count_weights(info->graph);
	info->main = count_ops(info->graph, 0, info->graph->main_nodes);
	info->inside =
		count_ops(info->graph, info->graph->main_nodes, info->graph->node_count);
	return json ? info_json(info) : info_text(info);
}

int run_info(const struct args *args)
{
	struct session *session;
	struct info info = {0};
	int code;

	session = run_open(args, NULL, false, &code);
	if (!session)
		return code;
	info.session = session;
	code = tell(&info, args->json);
	qdq_free(info.found);
	free(info.main.items);
	free(info.inside.items);
	graph_free(info.built);
	session_free(session);
	return code;
}
