#include "ui/announce.h"

#include "base/text.h"
#include "ui/panes.h"
#include "ui/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_ROOM = 49 };

/* Clauses with commas between them. */
struct sentence {
	char *out;
	size_t room, at;
};

__attribute__((format(printf, 2, 3))) static void say(
	struct sentence *s, const char *format, ...)
{
	va_list args;
	int n;

	if (s->at && s->at + 2 < s->room) {
		memcpy(s->out + s->at, ", ", 3);
		s->at += 2;
	}
	va_start(args, format);
	n = vsnprintf(s->out + s->at, s->room - s->at, format, args);
	va_end(args);
	s->at += n > 0 ? (size_t)n : 0;
	if (s->at >= s->room)
		s->at = s->room - 1;
}

static const char *clean(const char *name, char out[NAME_ROOM])
{
	return text_escape(out, NAME_ROOM, name, strlen(name));
}

static const char *word_mark(char mark)
{
	return mark == '*'   ? "you chose it"
	       : mark == '+' ? "it follows"
	       : mark == 'l' ? "loaded"
	       : mark == '!' ? "in conflict"
			     : NULL;
}

/* What the node reads in another type than it is stored in: the first such tensor. */
static void say_converted_input(struct sentence *s, const struct outcome *o, node_id node)
{
	const struct graph *graph = o->graph;
	char name[NAME_ROOM];

	for (uint32_t i = 0; i < graph->nodes[node].input_count; i++) {
		tensor_id in = graph_input_of(graph, node, i);
		enum qtype seen =
			in == GRAPH_NONE ? QTYPE_NONE : outcome_seen(o, in, node);

		if (!seen || graph_is_constant(graph, in) ||
			seen == (enum qtype)o->tensors[in].stored)
			continue;
		say(s, "reads %s converted to %s",
			clean(graph_tensor_name(graph, in), name), word_type(seen));
		return;
	}
}

static void say_node(struct sentence *s, const struct ui *ui, node_id node)
{
	const struct outcome *o = ui->outcome;
	const struct graph *graph = o->graph;
	const char *mark = word_mark(node_mark(o, node));
	tensor_id out = graph_output_of(graph, node, 0);
	char name[NAME_ROOM], op[NAME_ROOM];

	say(s, "%s", clean(graph_node_label(graph, node), name));
	say(s, "%s", clean(graph_op_type(graph, node), op));
	say(s, "%s", o->nodes[node].seen ? word_type(o->nodes[node].seen) : "float");
	if (mark)
		say(s, "%s", mark);
	say_converted_input(s, o, node);
	if (out != GRAPH_NONE && o->tensors[out].converted)
		say(s, "its output is converted to %s",
			word_type(o->tensors[out].converted));
	if (out != GRAPH_NONE && graph->tensors[out].flags & TENSOR_OUTPUT)
		say(s, "graph output");
	if (o->nodes[node].region < o->region_count)
		say(s, "region %s", o->regions[o->nodes[node].region].letter);
}

static void say_tensor(struct sentence *s, const struct ui *ui, tensor_id tensor)
{
	const struct outcome *o = ui->outcome;
	const char *mark = word_mark(tensor_mark(o, tensor));
	char name[NAME_ROOM], origin[64];
	uint32_t readers = o->graph->tensors[tensor].reader_count;

	say(s, "%s", clean(graph_tensor_name(o->graph, tensor), name));
	say(s, "%s", word_origin(o->graph, tensor, origin, sizeof(origin)));
	say(s, "%s", word_tensor_type(o, tensor));
	if (mark)
		say(s, "%s", mark);
	if (o->tensors[tensor].converted)
		say(s, "converted to %s", word_type(o->tensors[tensor].converted));
	say(s, "%u reader%s", readers, text_s(readers));
}

char *announce_row(const struct ui *ui, char *out, size_t room)
{
	enum pane_id pane =
		panes[ui->facts.focus].target ? ui->facts.focus : PANE_OUTLINE;
	const struct list *list = &ui->lists[pane];
	struct sentence s = {out, room, 0};
	uint32_t code = ui_row_code(ui);

	*out = '\0';
	if (pane == PANE_OUTLINE && rows_fold_at(&ui->rows, list->cursor) != FOLD_NONE)
		say(&s, "closed group");
	if (ui->target.node != GRAPH_NONE)
		say_node(&s, ui, ui->target.node);
	else if (ui->target.tensor != GRAPH_NONE)
		say_tensor(&s, ui, ui->target.tensor);
	else
		say(&s, "nothing here");
	if (pane == PANE_OUTLINE && code != ROW_NONE && ui_is_selected(ui, code))
		say(&s, "selected");
	if (list->count)
		say(&s, "row %u of %u", list->cursor + 1, list->count);
	if (s.at + 1 < room)
		memcpy(out + s.at, ".", 2);
	return out;
}
