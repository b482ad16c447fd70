/* Prints what rank_file says of every output of a node of the main graph, for
 * tests/peer/infer.py: "== FILE", then lines of name, kind, element type and shape with
 * tabs between. A shape is "-" if it is not known, else its extents with commas between:
 * a number, or "?". Files that are no models say so. */
#include "onnx/rank.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>

static void print_shape(const struct known_shape *shape)
{
	if (shape->rank < 0)
		printf("-");
	for (int64_t i = 0; i < shape->rank; i++) {
		int64_t extent = shape->dims ? shape->dims[i] : -1;

		if (i)
			printf(",");
		if (extent >= 0)
			printf("%" PRId64, extent);
		else
			printf("?");
	}
	printf("\n");
}

static void print_outputs(const struct ranks *ranks, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_output; i++) {
		ProtobufCBinaryData name = node->output[i];
		struct known_shape shape = rank_find(ranks, name);

		if (!name.len)
			continue;
		printf("%.*s\t%d\t%" PRId32 "\t", (int)name.len, (const char *)name.data,
			(int)shape.kind, shape.type);
		print_shape(&shape);
	}
}

static int print_file(const char *path)
{
	struct error err = ERROR_INIT;
	struct model *model = model_open(path, NULL, NULL, &err);
	struct ranks ranks;
	bool ok;

	printf("== %s\n", path);
	if (!model) {
		printf("refused\n");
		return 0;
	}
	ok = rank_file(&ranks, model);
	for (size_t i = 0; ok && i < model->proto->graph->n_node; i++)
		print_outputs(&ranks, model->proto->graph->node[i]);
	rank_release(&ranks);
	model_free(model);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (print_file(argv[i]))
			return 1;
	return 0;
}
