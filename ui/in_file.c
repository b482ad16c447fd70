/* The node under the cursor as it will stand in the file: its Q and DQ chains with their
 * scales, and what ONNX Runtime makes of them. */
#include "base/text.h"
#include "quant/inspect.h"
#include "rules/runtime.h"
#include "ui/extras.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARROW " ─▶ "

/* What is written, and what is learnt on the way. */
struct sheet {
	FILE *out;
	const struct ui *ui;
	const struct graph *graph;
	node_id node;
	struct inspection *inspection;
	bool wide, narrow; /* 16-bit, 8-bit activations at the node */
	bool plain;        /* something stays float there */
	bool at_end;       /* the output's zero point is the least integer */
	struct error *err;
};

static const char *name_of(const struct sheet *s, tensor_id tensor, char out[80])
{
	const char *name = graph_tensor_name(s->graph, tensor);

	return text_escape(out, 80, name, strlen(name));
}

static const char *label_of(const struct sheet *s, node_id node, char out[80])
{
	const char *name = graph_node_label(s->graph, node);

	return text_escape(out, 80, name, strlen(name));
}

static bool numbers_of(const struct sheet *s, tensor_id tensor, struct tensor_numbers *n)
{
	return inspection_tensor(s->inspection, tensor, false, n, s->err);
}

static void put_scale(const struct sheet *s, const struct scale *scale)
{
	char text[32];

	fprintf(s->out, "      %-4s  scale %s, zero point %d\n",
		qtypes[scale->type].brief, text_f32(text, (float)scale->value, false),
		scale->zero_point);
}

/* Two pairs in one type: they become one. */
static void put_merge(const struct sheet *s, const struct tensor_numbers *n)
{
	const struct scale *a = &n->first.scale, *b = &n->second.scale;
	const int zero_points[2] = {a->zero_point, b->zero_point};
	const double scales[2] = {a->value, b->value};
	const int32_t *full = qtypes[a->type].full;
	double scale;
	int zero;
	char text[32];

	if (a->type != b->type)
		return;
	if (runtime_merge(scales, zero_points, full[0], full[1], &scale, &zero))
		fprintf(s->out,
			TEXT_ERROR "      Both pairs have one type: ONNX Runtime merges "
				   "them into one "
				   "with scale %s, zero point %d\n",
			text_f32(text, (float)scale, false), zero);
}

static void note_type(struct sheet *s, unsigned type)
{
	s->wide |= qtypes[type].bits == 16;
	s->narrow |= qtypes[type].bits == 8;
}

static void put_scales(const struct sheet *s, const struct tensor_numbers *n, bool both)
{
	if (n->kind == NUMBERS_NO_RANGE) {
		fprintf(s->out, TEXT_MUTED "      no range yet, so no scale\n");
		return;
	}
	put_scale(s, &n->first.scale);
	if (!both)
		return;
	put_scale(s, &n->second.scale);
	put_merge(s, n);
}

static void put_constant(struct sheet *s, tensor_id tensor,
	const struct tensor_numbers *n, const char *end)
{
	char name[80], extents[96];

	fprintf(s->out, "  %s  const %s%s%s\n", name_of(s, tensor, name),
		word_extents(s->graph, tensor, extents, sizeof(extents)),
		n->kind == NUMBERS_FLOAT ? ARROW : ARROW "DQ" ARROW, end);
	if (n->kind == NUMBERS_BIAS) {
		char scale[32];

		fprintf(s->out, "      i32   scale %s, zero point 0\n",
			text_f32(scale, (float)n->bias.scale, false));
	} else if (n->kind == NUMBERS_CONSTANT) {
		put_scale(s, &n->first.scale);
		if (n->scale_count > 1)
			fprintf(s->out, "            the first of %llu scales\n",
				(unsigned long long)n->scale_count);
	}
}

static bool put_input(struct sheet *s, tensor_id tensor)
{
	const struct tensor_state *state = &s->ui->outcome->tensors[tensor];
	enum qtype seen = outcome_seen(s->ui->outcome, tensor, s->node);
	bool converted = seen && state->converted && seen != state->stored;
	struct tensor_numbers n;
	char name[80], end[80];

	label_of(s, s->node, end);
	if (!numbers_of(s, tensor, &n))
		return false;
	if (state->flags & STATE_CONSTANT) {
		put_constant(s, tensor, &n, end);
		return true;
	}
	if (!(state->flags & STATE_QUANTIZED)) {
		s->plain |= element_is_float(s->graph->tensors[tensor].element_type);
		fprintf(s->out, "  %s" ARROW "%s\n", name_of(s, tensor, name), end);
		return true;
	}
	note_type(s, seen);
	fprintf(s->out, "  %s" ARROW "Q%d" ARROW "DQ%d", name_of(s, tensor, name),
		qtypes[state->stored].bits, qtypes[state->stored].bits);
	if (converted)
		fprintf(s->out, ARROW "Q%d" ARROW "DQ%d", qtypes[seen].bits,
			qtypes[seen].bits);
	fprintf(s->out, ARROW "%s\n", end);
	put_scales(s, &n, converted);
	return true;
}

static void put_names(
	const struct sheet *s, const node_id *nodes, uint32_t count, bool output)
{
	char name[80];

	for (uint32_t i = 0; i < count && i < 6; i++)
		fprintf(s->out, "%s%s", i ? " " : "", label_of(s, nodes[i], name));
	if (count > 6)
		fprintf(s->out, " +%u", count - 6);
	if (output)
		fprintf(s->out, "%sgraph output", count ? " " : "");
	fputc('\n', s->out);
}

/* Distinct readers, at most `room`. */
static uint32_t readers_of(
	const struct sheet *s, tensor_id tensor, node_id *out, uint32_t room)
{
	uint32_t count, n = 0;
	const struct graph_reader *readers = graph_readers_of(s->graph, tensor, &count);

	for (uint32_t i = 0; i < count && n < room; i++)
		if (!n || out[n - 1] != readers[i].node)
			out[n++] = readers[i].node;
	return n;
}

static bool put_output(struct sheet *s, tensor_id tensor)
{
	const struct tensor_state *state = &s->ui->outcome->tensors[tensor];
	const struct boundary *b = outcome_boundary(s->ui->outcome, tensor);
	bool output = s->graph->tensors[tensor].flags & TENSOR_OUTPUT;
	int bits = qtypes[state->stored].bits;
	struct tensor_numbers n;
	node_id readers[7];
	char name[80];

	if (!numbers_of(s, tensor, &n))
		return false;
	if (n.renamed) {
		fprintf(s->out, "  %s, but the node behind it goes; instead:\n",
			name_of(s, tensor, name));
		return put_output(s, n.tensor);
	}
	fprintf(s->out, "  %s", name_of(s, tensor, name));
	if (state->flags & STATE_QUANTIZED) {
		note_type(s, state->stored);
		fprintf(s->out, ARROW "Q%d" ARROW "DQ%d", bits, bits);
	} else {
		s->plain |= element_is_float(s->graph->tensors[tensor].element_type);
	}
	fputs(ARROW, s->out);
	if (!b) {
		uint32_t count = readers_of(s, tensor, readers, 7);

		put_names(s, readers, count, output);
	} else {
		put_names(s, b->stays, b->stay_count, output);
		fprintf(s->out,
			"      and behind that DQ:" ARROW "Q%d" ARROW "DQ%d" ARROW,
			qtypes[b->to].bits, qtypes[b->to].bits);
		put_names(s, b->readers, b->reader_count, false);
	}
	if (state->flags & STATE_QUANTIZED)
		put_scales(s, &n, b && n.converted);
	s->at_end |= n.kind == NUMBERS_ACTIVATION &&
		     n.first.scale.zero_point == qtypes[n.first.scale.type].full[0];
	return true;
}

/* Whether a Relu or Clip goes because of the Q behind it. */
static bool clips(const struct sheet *s, enum runtime_fate fate)
{
	return s->at_end && (fate == RUNTIME_CLIPS || fate == RUNTIME_CLIPS8) &&
	       (fate == RUNTIME_CLIPS || !s->wide);
}

static void put_runtime(const struct sheet *s)
{
	const char *op = graph_op_type(s->graph, s->node);
	const struct runtime_row *row = runtime_find(op);
	bool quantized = s->wide || s->narrow;

	fprintf(s->out, TEXT_TITLE "in ONNX Runtime, on its CPU kernels\n");
	if (!quantized)
		fprintf(s->out, "  Nothing is quantized around it: it runs in float.\n");
	else if (!row)
		fprintf(s->out,
			"  %s has no integer kernel: it runs in float between DQ and "
			"Q.\n",
			op);
	else if (clips(s, row->fate))
		fprintf(s->out,
			"  It goes: the zero point behind it is the least integer, so Q "
			"clips as it does.\n");
	else if (row->fate == RUNTIME_CLIPS || row->fate == RUNTIME_CLIPS8)
		fprintf(s->out, "  It runs in float between DQ and Q.\n");
	else if (row->fate == RUNTIME_MOVES && !s->plain && s->wide != s->narrow)
		fprintf(s->out, "  It moves the integers as they are: DQ and Q go.\n");
	else if (s->wide)
		fprintf(s->out,
			"  16 bit: no integer kernel; %s runs in float between DQ and Q. "
			"As precise as the file says, but slower.\n",
			op);
	else if (s->plain)
		fprintf(s->out,
			"  Something around it stays float, so DQ and Q stay too.\n");
	else if (row->fate == RUNTIME_MOVES8)
		fprintf(s->out, "  It moves the integers as they are: DQ and Q go.\n");
	else
		fprintf(s->out, "  DQ, %s and Q become one: %s, in integers.\n", op,
			row->kernel);
	fprintf(s->out, "  DQ→Q pairs between different types stay as they are.\n");
}

static bool put_sides(struct sheet *s)
{
	const struct graph_node *n = &s->graph->nodes[s->node];
	bool done = true;

	fprintf(s->out, TEXT_TITLE "reads\n");
	for (uint32_t i = 0; i < n->input_count && done; i++) {
		tensor_id tensor = graph_input_of(s->graph, s->node, i);

		if (tensor != GRAPH_NONE)
			done = put_input(s, tensor);
	}
	fprintf(s->out, TEXT_TITLE "makes\n");
	for (uint32_t i = 0; i < n->output_count && done; i++) {
		tensor_id tensor = graph_output_of(s->graph, s->node, i);

		if (tensor != GRAPH_NONE)
			done = put_output(s, tensor);
	}
	return done;
}

static bool put_node(struct sheet *s)
{
	bool removed = inspection_removes(s->inspection, s->node), done;

	if (removed)
		fprintf(s->out,
			TEXT_CHOSEN "It goes: the range of its output and a zero point "
				    "at the end of the integers do what it does.\n");
	done = put_sides(s);
	if (done && !removed)
		put_runtime(s);
	return done;
}

unsigned in_file_run(struct ui *ui, const char *args)
{
	struct error err = ERROR_INIT;
	struct sheet s = {.ui = ui,
		.graph = ui->outcome->graph,
		.node = ui->target.node,
		.err = &err};
	char *text = NULL, title[80], name[80];
	size_t length;
	bool done;

	(void)args;
	s.inspection = inspection_open(s.graph, ui->session->plan->options,
		&ui->outcome->entries, ui->session->plan->ranges, &err);
	s.out = s.inspection ? open_memstream(&text, &length) : NULL;
	done = s.out && put_node(&s);
	inspection_close(s.inspection);
	if (s.out && fclose(s.out))
		done = false;
	if (!done) {
		free(text);
		return error_is_set(&err) ? ui_fail(ui, &err)
					  : ui_show_text(ui, "", NULL);
	}
	snprintf(title, sizeof(title), "%.40s in the file", label_of(&s, s.node, name));
	return ui_show_text(ui, title, text);
}
