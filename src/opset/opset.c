#include "opset/opset.h"

#include "base/text.h"
#include "onnx/schema.h"
#include "opset/raise_graph.h"

#include <inttypes.h>
#include <string.h>

/* Ranks matter to steps up to this one, types to those up to 11. */
enum { INFER_STEP_LAST = 13, OPSET_MIN = 7 };

static bool convert_graph(struct raise_graph *graph, int64_t opset);

static bool convert_bodies(struct raise_step *s, const struct raise_node *node)
{
	for (uint32_t i = 0; i < node->body_count; i++)
		if (!convert_graph(
			    s->graph->bodies.items[node->body + i].graph, s->opset))
			return false;
	return true;
}

static bool adapt(struct raise_step *s)
{
	const struct raise_operator *facts;
	raise_adapter *adapter;

	if (s->node->operator_id == NAME_NONE)
		return true;
	facts = &s->raise->operators.items[s->node->operator_id];
	if (!(facts->changes >> s->opset & 1))
		return true;
	if (facts->first == s->opset)
		return raise_refuse(s, "the model's opset does not have it");
	adapter = raise_find_adapter(s->node->proto->op_type, s->opset);
	return !adapter || adapter(s);
}

/* What a node is after a replacement. */
static bool find_operator_again(struct raise_step *s, const Onnx__NodeProto *before)
{
	static const char *const followers[] = {"Resize", "ScatterElements"};
	struct raise *r = s->raise;

	for (size_t i = 0; s->node->proto != before && i < 2; i++) {
		struct raise_operator facts = {0};
		name_id id;

		if (!bytes_equal(s->node->proto->op_type, followers[i]))
			continue;
		id = names_add(&r->operator_names, followers[i], strlen(followers[i]));
		facts.first = schema_first_since(followers[i]);
		for (int opset = 1; opset < 64; opset++)
			if (schema_changes(followers[i], opset))
				facts.changes |= UINT64_C(1) << opset;
		if (id == NAME_NONE ||
			(id == r->operators.count && !ARRAY_PUSH(&r->operators, facts)))
			return raise_memory(r);
		s->node->operator_id = id;
		for (struct raise_graph *g = s->graph; g; g = g->parent)
			g->pending |= facts.changes;
	}
	return true;
}

static bool convert_node(struct raise_step *s, struct raise_node node)
{
	const Onnx__NodeProto *before = node.proto;
	bool ok;

	s->node = &node;
	s->after.count = 0;
	ok = adapt(s) && find_operator_again(s, before) &&
	     (ARRAY_PUSH(&s->out, node) || raise_memory(s->raise));
	for (size_t i = 0; ok && i < s->after.count; i++)
		ok = ARRAY_PUSH(&s->out, s->after.items[i]) || raise_memory(s->raise);
	return ok && convert_bodies(s, &node);
}

static bool convert_graph(struct raise_graph *graph, int64_t opset)
{
	struct raise_step s = {.raise = graph->raise, .graph = graph, .opset = opset};
	bool ok = true;

	if (!(graph->pending >> opset & 1))
		return true;
	if (!ARRAY_ROOM(&s.out, graph->nodes.count))
		return raise_memory(graph->raise);
	for (size_t i = 0; ok && i < graph->nodes.count; i++)
		ok = convert_node(&s, graph->nodes.items[i]);
	ARRAY_RELEASE(&s.after);
	ARRAY_RELEASE(&graph->nodes);
	graph->nodes = s.out;
	return ok;
}

/* Types and shapes as they are when the conversion begins. */
static struct infer_run *infer(struct raise *r)
{
	struct infer_run *run = r->inference;
	bool ok = true;

	if (!run) {
		run = r->own = infer_start();
		ok = run && infer_sweep(run, r->base, INFER_READ);
	}
	if (ok && infer_sweep(run, r->base, INFER_READ))
		return run;
	raise_memory(r);
	return NULL;
}

/* Parents stand behind their bodies in the list, so it is gone through backwards:
 * that is, each graph asks for those around it first. */
static bool find_known(struct raise_graph *graph, struct infer_run *run)
{
	if (graph->known)
		return true;
	if (graph->parent && !find_known(graph->parent, run))
		return false;
	graph->known = graph->parent ? infer_see(run, graph->parent->known,
					       graph->raise->base, graph->base)
				     : infer_main(run);
	return graph->known || raise_memory(graph->raise);
}

static bool find_all_known(struct raise *r)
{
	struct infer_run *run = infer(r);

	for (struct raise_graph *g = r->graphs; run && g; g = g->next)
		if (!find_known(g, run))
			return false;
	return run;
}

static bool convert(struct raise *r, int64_t from, int64_t target)
{
	struct raise_graph *main_graph = raise_take_graph(r, NULL, r->base->proto->graph);

	if (!main_graph)
		return false;
	if ((r->inference || from < INFER_STEP_LAST) && !find_all_known(r))
		return false;
	for (int64_t opset = from + 1; opset <= target; opset++)
		if (!convert_graph(main_graph, opset))
			return false;
	r->model->converted = !r->mended;
	r->model->proto->graph = raise_put_graph(main_graph);
	return r->model->proto->graph;
}

static bool is_default(ProtobufCBinaryData domain)
{
	return domain.len == 0 || bytes_equal(domain, "ai.onnx");
}

/* The import of the default domain gets the new version, spelled as before. */
static bool set_version(struct raise *r, int64_t target)
{
	Onnx__ModelProto *proto = r->model->proto;
	size_t count = proto->n_opset_import;
	Onnx__OperatorSetIdProto **imports =
		arena_zalloc(&r->model->arena, count, sizeof(*imports));
	Onnx__OperatorSetIdProto *copy = arena_alloc(&r->model->arena, sizeof(*copy));

	if (!imports || !copy)
		return raise_memory(r);
	for (size_t i = 0; i < count; i++) {
		imports[i] = proto->opset_import[i];
		if (!is_default(imports[i]->domain))
			continue;
		*copy = *imports[i];
		copy->version = target;
		copy->has_version = copy->has_domain = 1;
		imports[i] = copy;
	}
	proto->opset_import = imports;
	return true;
}

static unsigned count_default_imports(const struct model *model)
{
	unsigned count = 0;

	for (size_t i = 0; i < model->proto->n_opset_import; i++)
		count += is_default(model->proto->opset_import[i]->domain);
	return count;
}

static bool check_request(
	const struct model *base, int64_t target, bool mended, struct error *err)
{
	const char *path = text_quoted_z(base->path);
	int64_t opset = model_opset(base);

	if (count_default_imports(base) != 1)
		return error_set(err, ERROR_REFUSED,
			"%s: does not import the default domain exactly once; export it "
			"again",
			path);
	if (opset < OPSET_MIN)
		return error_set(err, ERROR_REFUSED,
			"%s: opset %" PRId64 " cannot be raised (at least %d can); use "
			"--opset-policy keep",
			path, opset, OPSET_MIN);
	if (target < opset || target > schema_newest_opset())
		return error_set(err, ERROR_REFUSED,
			"%s: opset %" PRId64 " cannot become %" PRId64
			"; choose one from there to %d",
			path, opset, target, schema_newest_opset());
	if (mended && base->proto->n_functions)
		return error_set(err, ERROR_REFUSED,
			"%s: function %s: functions cannot be raised; use "
			"--opset-policy keep",
			path,
			text_quoted((const char *)base->proto->functions[0]->name.data,
				base->proto->functions[0]->name.len));
	return true;
}

static void release(struct raise *r)
{
	while (r->graphs) {
		struct raise_graph *next = r->graphs->next;

		raise_release_graph(r->graphs);
		r->graphs = next;
	}
	names_clear(&r->operator_names);
	ARRAY_RELEASE(&r->operators);
	ARRAY_RELEASE(&r->made);
	infer_finish(r->own);
}

static struct model *run(struct raise r, int64_t target)
{
	const struct model *base = r.base;
	bool ok, mended = r.mended;
	struct error *err = r.err;

	if (!check_request(base, target, mended, err))
		return NULL;
	r.model = model_derive(base, err);
	if (!r.model)
		return NULL;
	ok = convert(&r, model_opset(base), target) && set_version(&r, target);
	if (ok && !mended)
		r.model->proto->n_functions = r.model->proto->n_training_info = 0;
	if (ok && r.inference)
		ok = infer_sweep(r.inference, r.model, INFER_RELOADED) ||
		     raise_memory(&r);
	release(&r);
	if (ok)
		return r.model;
	model_free(r.model);
	return NULL;
}

struct model *model_raise_opset(const struct model *base, int64_t target, bool mended,
	struct opset_rename_list *renames, struct error *err)
{
	struct raise r = {.base = base, .mended = mended, .renames = renames, .err = err};

	return run(r, target);
}

struct model *model_raise_and_reload(const struct model *base, int64_t target,
	struct infer_run *inference, struct opset_rename_list *renames, struct error *err)
{
	struct raise r = {
		.base = base, .inference = inference, .renames = renames, .err = err};

	return run(r, target);
}
