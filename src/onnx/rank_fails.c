/* Where onnx's inference gives up on a node: an error in a node's rule costs its outputs
 * their types too. Measured with one-node models whose constants were external. */
#include "onnx/rank_rule.h"

#include "onnx/external.h"

enum { INPUT_0 = 1, INPUT_1 = 2, INPUT_2 = 4, INPUT_3 = 8, INPUT_4 = 16 };

/* The inputs whose elements a rule reads, and those whose shape it wants first. Looked
 * through only for models with external data. */
static const struct {
	const char *op_type;
	unsigned elements, shapes;
} readers[] = {
	{"AffineGrid", INPUT_1, INPUT_0},
	{"BlackmanWindow", INPUT_0, 0},
	{"CenterCropPad", INPUT_1, INPUT_0},
	{"Col2Im", INPUT_1 | INPUT_2, INPUT_0},
	{"ConstantOfShape", INPUT_0, 0},
	{"DFT", INPUT_1 | INPUT_2, INPUT_0},
	{"Expand", INPUT_1, INPUT_0},
	{"HammingWindow", INPUT_0, 0},
	{"HannWindow", INPUT_0, 0},
	{"MelWeightMatrix", INPUT_0 | INPUT_1, 0},
	{"OneHot", INPUT_1, INPUT_0},
	{"Pad", INPUT_1 | INPUT_3, INPUT_0},
	{"Range", INPUT_0 | INPUT_1 | INPUT_2, 0},
	{"ReduceL1", INPUT_1, INPUT_0},
	{"ReduceL2", INPUT_1, INPUT_0},
	{"ReduceLogSum", INPUT_1, INPUT_0},
	{"ReduceLogSumExp", INPUT_1, INPUT_0},
	{"ReduceMax", INPUT_1, INPUT_0},
	{"ReduceMean", INPUT_1, INPUT_0},
	{"ReduceMin", INPUT_1, INPUT_0},
	{"ReduceProd", INPUT_1, INPUT_0},
	{"ReduceSum", INPUT_1, INPUT_0},
	{"ReduceSumSquare", INPUT_1, INPUT_0},
	{"Reshape", INPUT_1, 0},
	{"Resize", INPUT_1 | INPUT_2 | INPUT_3, INPUT_0},
	{"STFT", INPUT_1 | INPUT_3, INPUT_0},
	{"Slice", INPUT_1 | INPUT_2 | INPUT_3 | INPUT_4, INPUT_0},
	{"Split", INPUT_1, INPUT_0},
	{"Squeeze", INPUT_1, INPUT_0},
	{"Tile", INPUT_1, INPUT_0},
	{"TopK", INPUT_1, INPUT_0},
	{"Unsqueeze", INPUT_1, INPUT_0},
	{"Upsample", INPUT_1, INPUT_0},
};

enum { READER_COUNT = sizeof(readers) / sizeof(*readers) };

static size_t find_reader(ProtobufCBinaryData op_type)
{
	size_t i = 0;

	while (i < READER_COUNT && !bytes_equal(op_type, readers[i].op_type))
		i++;
	return i;
}

bool rank_reads_elements(ProtobufCBinaryData op_type)
{
	return find_reader(op_type) < READER_COUNT;
}

/* Before opset 11 the second input of a Resize are its scales, then its region. */
static unsigned elements_of(const struct rank_context *c, size_t reader)
{
	unsigned elements = readers[reader].elements;

	if (model_opset(c->model) > 10 && bytes_equal(c->node->op_type, "Resize"))
		elements &= ~(unsigned)INPUT_1;
	return elements;
}

static bool is_external(const struct rank_context *c, size_t slot)
{
	const Onnx__TensorProto *data;

	if (slot >= c->node->n_input || !c->node->input[slot].len)
		return false;
	data = rank_find(c->ranks, c->node->input[slot]).data;
	return data && tensor_is_external(data);
}

/* A Split or TopK reads them only if it knows the extent of its axis. */
static bool has_open_axis(const struct rank_context *c)
{
	struct known_shape x = rank_input(c, 0);
	bool split = bytes_equal(c->node->op_type, "Split");
	int64_t axis = rank_int(c, "axis", split ? 0 : -1);

	axis += axis < 0 ? x.rank : 0;
	return (split || bytes_equal(c->node->op_type, "TopK")) && x.dims && axis >= 0 &&
	       axis < x.rank && x.dims[axis] < 0;
}

bool rank_gives_up(const struct rank_context *c)
{
	size_t reader;
	unsigned elements;

	if (!c->ranks->from_file)
		return false;
	reader = find_reader(c->node->op_type);
	if (reader == READER_COUNT)
		return false;
	if (readers[reader].shapes && rank_input(c, 0).rank < 0)
		return false;
	if (has_open_axis(c))
		return false;
	elements = elements_of(c, reader);
	for (size_t slot = 0; elements >> slot; slot++)
		if ((elements >> slot & 1) && is_external(c, slot))
			return true;
	return false;
}
