/* Prints what the inference says of every output of a node of the main graph, for
 * tests/peer/infer.py: "== FILE", then lines of name, kind, element type and shape with
 * tabs between. A shape is "-" if it is not known, else its extents with commas between:
 * a number, a symbol, or "?". Files that are no models say so. */
#include "infer/state.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>

static void print_extent(const struct infer_run *run, int64_t extent)
{
	int64_t value = extent;
	const char *name = "?";

	if (extent < -1 && !infer_symbol_value(run, extent, &value, &name))
		printf("%s", name);
	else if (extent == -1)
		printf("?");
	else
		printf("%" PRId64, value);
}

static void print_shape(const struct infer_run *run, const struct known_shape *shape)
{
	if (shape->rank < 0)
		printf("-");
	for (int64_t i = 0; i < shape->rank; i++) {
		if (i)
			printf(",");
		print_extent(run, shape->dims ? shape->dims[i] : -1);
	}
	printf("\n");
}

static void print_outputs(const struct infer_run *run, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++) {
		ProtobufCBinaryData name = node->output[i];
		struct known_shape shape = infer_find_outer(infer_main(run), name);

		if (!name.len)
			continue;
		printf("%.*s\t%d\t%" PRId32 "\t", (int)name.len, (const char *)name.data,
			(int)shape.kind, shape.type);
		print_shape(run, &shape);
	}
}

static bool print_model(const struct model *model)
{
	struct infer_run *run = infer_start();
	bool ok = run && infer_sweep(run, model, INFER_IN_FILE);

	for (size_t i = 0; ok && i < model->proto->graph->n_node; i++)
		print_outputs(run, model->proto->graph->node[i]);
	infer_finish(run);
	return ok;
}

static bool print_file(const char *path)
{
	struct error err = ERROR_INIT;
	struct model *model = model_open(path, NULL, NULL, &err);
	bool ok = true;

	printf("== %s\n", path);
	if (model)
		ok = print_model(model);
	else
		printf("refused\n");
	model_free(model);
	return ok;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!print_file(argv[i]))
			return 1;
	return 0;
}
