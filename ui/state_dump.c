#include "ui/state_dump.h"

#include "base/text.h"
#include "ui/panes.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *clean(char *out, size_t room, const char *name)
{
	return text_escape(out, room, name, strlen(name));
}

static void dump_cursor(const struct ui *ui, FILE *out)
{
	const struct graph *graph = ui->outcome->graph;
	char name[256];

	fprintf(out, "screen %dx%d\n", ui->frame.w, ui->frame.h);
	fprintf(out, "focus %s\n", panes[ui->facts.focus].title);
	fprintf(out, "order %s\n", row_order_names[ui->rows.order]);
	if (ui->target.node != GRAPH_NONE)
		fprintf(out, "node %s\n",
			clean(name, sizeof(name),
				graph_node_label(graph, ui->target.node)));
	if (ui->target.tensor != GRAPH_NONE)
		fprintf(out, "tensor %s\n",
			clean(name, sizeof(name),
				graph_tensor_name(graph, ui->target.tensor)));
	fprintf(out, "selected %u\n", ui->selected_count);
	if (ui->filter)
		fprintf(out, "filter %s\n", clean(name, sizeof(name), ui->filter_text));
}

static void dump_plan(const struct ui *ui, FILE *out)
{
	const struct plan *plan = ui->session->plan;
	char words[256];

	fprintf(out, "base %s\n", word_type(ui->outcome->base));
	fprintf(out, "dirty %s\n", plan_is_dirty(plan) ? "yes" : "no");
	for (size_t i = 0; i < plan->seeds.count; i++)
		fprintf(out, "seed %s\n",
			seed_words(ui->outcome->graph, &plan->seeds.items[i], words,
				sizeof(words)));
	for (size_t i = 0; i < plan_group_count(plan); i++) {
		struct plan_group group = plan_group_at(plan, i);

		fprintf(out, "%s %s\n", group.undone ? "undone" : "edit", group.sentence);
	}
}

static void dump_outcome(const struct ui *ui, FILE *out)
{
	const struct outcome *o = ui->outcome;
	char name[256];

	for (uint32_t i = 0; i < o->boundary_count; i++) {
		const struct boundary *b = &o->boundaries[i];

		fprintf(out, "boundary %s %s %s for",
			clean(name, sizeof(name), graph_tensor_name(o->graph, b->tensor)),
			word_type(b->from), word_type(b->to));
		for (uint32_t k = 0; k < b->reader_count; k++)
			fprintf(out, " %s",
				clean(name, sizeof(name),
					graph_node_label(o->graph, b->readers[k])));
		fputc('\n', out);
	}
	for (uint32_t i = 0; i < o->region_count; i++)
		fprintf(out, "region %s %s %u nodes\n", o->regions[i].letter,
			word_type(o->regions[i].type), o->regions[i].node_count);
	fprintf(out, "conflicts %u\n", o->conflicts);
	fprintf(out, "problems %zu\n", problems_total(ui));
	if (*ui->messages.line)
		fprintf(out, "message %s\n", ui->messages.line);
}

char *state_dump(const struct ui *ui)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	dump_cursor(ui, out);
	dump_plan(ui, out);
	dump_outcome(ui, out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
