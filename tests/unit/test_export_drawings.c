/* Drawings: read back with a grammar of their own, every tensor goes to its readers in
 * the type that the plan has; Graphviz and a browser take them, hostile names included.
 */
#include "export_fixture.h"
#include "plan_models.h"

#include <regex.h>
#include <string.h>

/* ---- Reading them back. */

struct line_rule {
	const char *pattern; /* groups: item and text, or from, label, to */
	enum { LINE_OTHER, LINE_ITEM, LINE_EDGE } kind;
	int from, to, text; /* groups */
};

#define QUOTED "\"(([^\"\\\\]|\\\\.)*)\""
#define ENTITIES "\"(([A-Za-z0-9 _./:-]|#[0-9]+;|<br/>|[^ -~])*)\""

static const struct line_rule dot_rules[] = {
	{"^digraph qdqedit \\{$", LINE_OTHER, 0, 0, 0},
	{"^  (rankdir=TB|label=" QUOTED "|node \\[.*\\]|edge \\[.*\\]);$", LINE_OTHER, 0,
		0, 0},
	{"^  subgraph cluster_[0-9]+ \\{$", LINE_OTHER, 0, 0, 0},
	{"^    label=" QUOTED "; style=\"rounded,filled\"; color=\"#[0-9a-f]+\"; "
	 "fillcolor=\"#[0-9a-f]+\";$",
		LINE_OTHER, 0, 0, 0},
	{"^  ?  ?i([0-9]+) \\[label=" QUOTED "(, [a-z]+=(\"#[0-9a-f]+\"|[a-z]+))*\\];$",
		LINE_ITEM, 1, 0, 2},
	{"^  i([0-9]+) -> i([0-9]+) \\[label=" QUOTED "\\];$", LINE_EDGE, 1, 2, 3},
	{"^  i([0-9]+) -> i([0-9]+) \\[style=dotted, arrowhead=none\\];$", LINE_EDGE, 1,
		2, 0},
	{"^(  )?\\}$", LINE_OTHER, 0, 0, 0},
	{NULL, LINE_OTHER, 0, 0, 0},
};
static const struct line_rule mermaid_rules[] = {
	{"^flowchart TD$", LINE_OTHER, 0, 0, 0},
	{"^  subgraph region_[0-9]+\\[" ENTITIES "\\]$", LINE_OTHER, 0, 0, 0},
	{"^  end$", LINE_OTHER, 0, 0, 0},
	{"^ ( |   )n([0-9]+)(\\[|\\(\\[|\\{\\{|\\(\\()" ENTITIES
	 "(\\]|\\]\\)|\\}\\}|\\)\\))$",
		LINE_ITEM, 2, 0, 4},
	{"^  n([0-9]+) -->\\|" ENTITIES "\\| n([0-9]+)$", LINE_EDGE, 1, 4, 2},
	{"^  n([0-9]+) -\\.- n([0-9]+)$", LINE_EDGE, 1, 2, 0},
	{NULL, LINE_OTHER, 0, 0, 0},
};

enum { ITEMS = 2000 };
struct drawn {
	const char *items[ITEMS]; /* text by number */
	struct {
		unsigned from, to;
		const char *label;
	} edges[ITEMS];
	size_t edge_count;
};

static const char *group(const char *line, const regmatch_t *m, int index)
{
	return index ? test_text("%.*s", (int)(m[index].rm_eo - m[index].rm_so),
			       line + m[index].rm_so)
		     : "";
}

static bool take_line(struct drawn *d, const struct line_rule *rule, const char *line)
{
	regex_t expression;
	regmatch_t m[9];
	bool found;

	cr_assert_eq(regcomp(&expression, rule->pattern, REG_EXTENDED), 0);
	found = !regexec(&expression, line, 9, m, 0);
	regfree(&expression);
	if (!found)
		return false;
	if (rule->kind == LINE_ITEM)
		d->items[atoi(group(line, m, rule->from))] = group(line, m, rule->text);
	if (rule->kind == LINE_EDGE) {
		cr_assert(d->edge_count < ITEMS);
		d->edges[d->edge_count].from = (unsigned)atoi(group(line, m, rule->from));
		d->edges[d->edge_count].to = (unsigned)atoi(group(line, m, rule->to));
		d->edges[d->edge_count++].label = group(line, m, rule->text);
	}
	return true;
}

static struct drawn *parse(const char *text, const struct line_rule *rules)
{
	struct drawn *d = calloc(1, sizeof(*d));
	char *save = NULL, *copy = test_text("%s", text);

	for (char *line = strtok_r(copy, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save)) {
		const struct line_rule *rule = rules;

		while (rule->pattern && !take_line(d, rule, line))
			rule++;
		cr_expect(rule->pattern, "no such line: %s", line);
	}
	for (size_t i = 0; i < d->edge_count; i++)
		cr_assert(d->items[d->edges[i].from] && d->items[d->edges[i].to]);
	return d;
}

/* The item whose text begins with a name, before a line break; ITEMS if none. */
static unsigned item_named(
	const struct drawn *d, const char *name, const char *line_break)
{
	size_t length = strlen(name);

	for (unsigned i = 0; i < ITEMS; i++)
		if (d->items[i] && !strncmp(d->items[i], name, length) &&
			(!d->items[i][length] || !strncmp(d->items[i] + length,
							 line_break, strlen(line_break))))
			return i;
	return ITEMS;
}

static const char *last_word(const char *label)
{
	const char *blank = strrchr(label, ' ');

	return blank ? blank + 1 : label;
}

/* The type in which an edge or two over a conversion arrive, and how it leaves. */
static bool goes(const struct drawn *d, unsigned from, unsigned to, const char *leaves,
	const char *arrives)
{
	for (size_t i = 0; i < d->edge_count; i++) {
		unsigned middle = d->edges[i].to;

		if (d->edges[i].from != from ||
			strcmp(last_word(d->edges[i].label), leaves))
			continue;
		if (middle == to && !strcmp(leaves, arrives))
			return true;
		for (size_t k = 0; k < d->edge_count; k++)
			if (d->edges[k].from == middle && d->edges[k].to == to &&
				!strcmp(d->edges[k].label, arrives))
				return true;
	}
	return false;
}

/* Each quantized tensor of each drawn node to each drawn reader. Returns how many. */
static size_t expect_ways(
	const struct exported *e, const struct drawn *d, const char *line_break)
{
	const struct graph *g = e->source.graph;
	const struct outcome *o = e->source.outcome;
	size_t ways = 0;

	for (tensor_id t = 0; t < g->main_tensors; t++) {
		uint32_t count;
		const struct graph_reader *readers = graph_readers_of(g, t, &count);
		node_id producer = g->tensors[t].producer;
		unsigned from;

		if (producer == GRAPH_NONE || !o->tensors[t].stored ||
			graph_is_constant(g, t))
			continue;
		from = item_named(d, graph_node_label(g, producer), line_break);
		for (uint32_t i = 0; i < count && from < ITEMS; i++) {
			unsigned to = item_named(
				d, graph_node_label(g, readers[i].node), line_break);

			if (to == ITEMS)
				continue;
			cr_expect(goes(d, from, to, qtypes[o->tensors[t].stored].brief,
					  qtypes[outcome_seen(o, t, readers[i].node)]
						  .brief),
				"%s", graph_tensor_name(g, t));
			ways++;
		}
	}
	return ways;
}

static void expect_losses(const struct exported *e, size_t count)
{
	size_t length;

	cr_expect_eq(
		e->made.losses.count, count, "%s", loss_text(&e->made.losses, &length));
	cr_expect_eq(losses_of(e, "convert", NULL), 0);
}

Test(export_drawings, dot)
{
	struct exported e = export_eight("dot");

	cr_expect(expect_ways(&e, parse(e.text, dot_rules), "\\n") > 6);
	cr_expect(strstr(e.text, "label=\"A: QUInt16\""));
	expect_losses(&e, 12); /* op-types, the seed, ten ranges */
}

Test(export_drawings, mermaid)
{
	struct exported e = export_eight("mermaid");

	cr_expect(expect_ways(&e, parse(e.text, mermaid_rules), "<br/>") > 6);
	cr_expect(strstr(e.text, "subgraph region_0[\"A: QUInt16\"]"));
	expect_losses(&e, 12);
}

/* A large graph is drawn around its region; what is left out is said. */
Test(export_drawings, recognizer)
{
	struct exported e = export_rec("dot");
	const struct drawn *d = parse(e.text, dot_rules);

	cr_expect(expect_ways(&e, d, "\\n") > 200);
	cr_expect_eq(losses_of(&e, "nodes", "not drawn"), 1);
	cr_expect_eq(losses_of(&e, "convert", NULL), 0);
	cr_expect_lt(item_named(d, "p2o.Conv.35", "\\n"), ITEMS);
	export_again(&e, "mermaid");
	cr_expect(strlen(e.text) < 50000);
	d = parse(e.text, mermaid_rules);
	cr_expect(d->edge_count < 500);
	cr_expect(expect_ways(&e, d, "<br/>") > 50);
}

Test(export_drawings, graphviz_takes_it)
{
	const char *argv[] = {test_need_program("dot"), "-Tplain", NULL};
	struct exported e = export_eight("dot");
	struct test_command command = {.argv = argv};
	struct test_result r;

	command.input = e.text;
	command.input_length = strlen(e.text);
	r = test_run_with(&command);
	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect_str_eq(r.err, "");
	cr_expect(strstr(r.out, "\"u8>u16\" filled cds"), "%s", r.out);
}

/* ---- Hostile names. */

static struct exported export_hostile(const char *format)
{
	static struct fixture f;
	struct exported e = {0};
	struct error err = ERROR_INIT;

	f = fixture_make("\"]-->x Sin </text><script>x</script> -> &lt#quot`\n"
			 "<img/src=x/onerror=alert`1`> Cos &lt#quot` -> \\\"}{b\n"
			 "!\\\"}{b\n");
	fixture_seed(&f, "node:\"]-->x=QUInt16");
	cr_assert(export_open(&e.source, f.plan, fixture_outcome(&f), NULL, "<m>", &err));
	export_again(&e, format);
	return e;
}

Test(export_drawings, hostile_names)
{
	struct exported e = export_hostile("dot");

	parse(e.text, dot_rules);
	cr_expect(strstr(e.text, "i0 [label=\"\\\"]-->x\\nSin\"];"), "%s", e.text);
	export_again(&e, "mermaid");
	parse(e.text, mermaid_rules);
	cr_expect(strstr(e.text, "n0[\"#34;#93;--#62;x<br/>Sin\"]"), "%s", e.text);
}

Test(export_drawings, graphviz_takes_hostile_names)
{
	const char *argv[] = {test_need_program("dot"), "-Tplain", NULL};
	struct exported e = export_hostile("dot");
	struct test_command command = {
		.argv = argv, .input = e.text, .input_length = strlen(e.text)};
	struct test_result r = test_run_with(&command);

	cr_expect_eq(r.status, 0, "%s", r.err);
	cr_expect(strstr(r.out, "onerror"), "%s", r.out);
}

/* ---- The layout of the page's drawing. */

struct box {
	double x, y, w, h;
};

/* The boxes of nodes, ends and conversions; regions stand behind them. */
static size_t read_boxes(const char *text, struct box *boxes, size_t room)
{
	size_t count = 0;

	for (const char *at = strstr(text, "<svg");
		at && (at = strstr(at, "</title><rect")); at++) {
		struct box *b = &boxes[count++];

		cr_assert(count <= room);
		cr_assert_eq(sscanf(at,
				     "</title><rect x=\"%lf\" y=\"%lf\" width=\"%lf\" "
				     "height=\"%lf\"",
				     &b->x, &b->y, &b->w, &b->h),
			4);
	}
	return count;
}

static void expect_apart(const char *text)
{
	static struct box b[ITEMS];
	size_t count = read_boxes(text, b, ITEMS);
	double width = 0, height = 0;

	cr_assert_eq(sscanf(strstr(text, "viewBox=\"0 0 "), "viewBox=\"0 0 %lf %lf\"",
			     &width, &height),
		2);
	cr_expect(count > 0);
	for (size_t i = 0; i < count; i++) {
		cr_expect(b[i].x >= 0 && b[i].x + b[i].w <= width);
		cr_expect(b[i].y >= 0 && b[i].y + b[i].h <= height);
		for (size_t k = 0; k < i; k++)
			cr_expect_not(b[i].x < b[k].x + b[k].w - 0.1 &&
				      b[k].x < b[i].x + b[i].w - 0.1 &&
				      b[i].y < b[k].y + b[k].h - 0.1 &&
				      b[k].y < b[i].y + b[i].h - 0.1);
	}
}

Test(export_drawings, nothing_overlaps)
{
	expect_apart(export_eight("html").text);
	expect_apart(export_rec("html").text);
}

/* Random graphs: nothing overlaps, and every way is there. */
Test(export_drawings, random_graphs)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct fixture f = fixture_random(seed, 20 + 5 * seed);
		struct exported e = {0};
		struct error err = ERROR_INIT;

		cr_assert(export_open(
			&e.source, f.plan, fixture_outcome(&f), NULL, "m", &err));
		export_again(&e, "html");
		expect_apart(e.text);
		export_again(&e, "dot");
		expect_ways(&e, parse(e.text, dot_rules), "\\n");
		export_close(&e.source);
		fixture_free(&f);
	}
}
