/* One page that needs nothing else: no network, and no script to be read. */
#include "export/html.h"

#include "base/text.h"

#include <string.h>

/* A graph of up to so many nodes is drawn whole. */
enum { NODES_WHOLE = 150, NODES_AROUND = 30 };

static const char style[] =
	":root{color-scheme:light "
	"dark;--fg:#1c2126;--bg:#fff;--soft:#5d6873;--line:#d5dbe1;"
	"--head:#f3f5f7;--node:#fff;--region:#f4d35e;--wide:#c2410c;--narrow:#64748b;"
	"--conv:#ffedd5}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e4e7ea;--bg:#14181c;--soft:#"
	"9aa5b1;"
	"--line:#39424c;--head:#1e242a;--node:#1b2127;--region:#a67c00;--wide:#fb923c;"
	"--narrow:#8595a8;--conv:#4a2d13}}\n"
	"body{font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
	"margin:2rem auto;padding:0 1.2rem;max-width:76rem}\n"
	"h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .6rem}\n"
	"p.soft,.soft{color:var(--soft)}\n"
	".scroll{overflow:auto;border:1px solid var(--line);border-radius:6px;"
	"max-height:80vh}\n"
	"table{border-collapse:collapse;font-size:.9rem;width:100%}\n"
	"th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;"
	"border-bottom:1px solid "
	"var(--line);unicode-bidi:isolate;overflow-wrap:anywhere;"
	"min-width:5.5rem}\n"
	"th{background:var(--head);position:sticky;top:0;white-space:nowrap}\n"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
	"\n"
	"th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid}\n"
	"th[aria-sort=ascending] button::after{content:' \\25B4'}\n"
	"th[aria-sort=descending] button::after{content:' \\25BE'}\n"
	"summary{cursor:pointer}pre{overflow:auto;font-size:.85rem}\n"
	"a{color:inherit}svg{display:block;font:12px ui-monospace,monospace}\n"
	"svg text{fill:var(--fg);text-anchor:middle;unicode-bidi:isolate}\n"
	"svg text.name{text-anchor:start;font-weight:700;paint-order:stroke;"
	"stroke:var(--bg);stroke-width:4px}\n"
	"svg rect{fill:var(--node);stroke:var(--narrow)}\n"
	"svg .end rect{stroke-dasharray:4 3}svg .more rect{fill:none;stroke:none}\n"
	"svg .more text{fill:var(--soft)}\n"
	"svg .conversion rect{fill:var(--conv);stroke:var(--wide)}\n"
	"svg .edge{fill:none;stroke:var(--narrow);stroke-width:1.3}\n"
	"svg .edge.wide{stroke:var(--wide);stroke-width:2.4}\n"
	"svg .edge.float{stroke-dasharray:5 4}svg .edge.more{stroke-dasharray:1 4}\n"
	"svg .region{opacity:.4}svg .region rect{fill:var(--region);stroke:none}\n"
	"svg .region path{fill:none;stroke:var(--region);stroke-width:30}\n"
	"@media "
	"print{:root{color-scheme:light;--fg:#000;--bg:#fff;--soft:#444;--line:#bbb;"
	"--head:#eee;--node:#fff;--region:#f4d35e;--wide:#c2410c;--narrow:#555;"
	"--conv:#ffedd5}body{margin:0;max-width:none;font-size:10pt}"
	".scroll{overflow:visible;max-height:none;border:0}"
	"svg{max-width:100%;height:auto;max-height:19cm}"
	"th{position:static}tr{break-inside:avoid}h2{break-after:avoid}}\n";

/* Sorting; without it the page is the same but for that. Its digest stands in the page's
 * policy, so that no other script can run (HTML_SCRIPT_DIGEST). */
static const char script[] =
	"for(const t of document.querySelectorAll('table.sort'))"
	"t.querySelectorAll('th').forEach((h,i)=>{"
	"const b=document.createElement('button');b.textContent=h.textContent;"
	"h.replaceChildren(b);"
	"b.onclick=()=>{const d=h.ariaSort==='ascending'?-1:1,"
	"k=r=>r.cells[i].dataset.v??r.cells[i].textContent,"
	"n=h.className==='n',s=t.tBodies[0];"
	"t.querySelectorAll('th').forEach(o=>o.removeAttribute('aria-sort'));"
	"h.ariaSort=d>0?'ascending':'descending';"
	"s.append(...[...s.rows].sort((a,c)=>{const x=k(a),y=k(c);"
	"return d*(n?(+x||0)-(+y||0):x.localeCompare(y,'en',{numeric:true}))}))}})";

static void put_head(struct export_writer *w)
{
	export_puts(w,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
		"'none'; style-src 'unsafe-inline'; script-src '" HTML_SCRIPT_DIGEST
		"'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\">\n<title>");
	html_put(w, w->source->title);
	export_puts(w, ": quantization</title>\n<style>\n");
	export_puts(w, style);
	export_puts(w, "</style>\n</head>\n<body>\n<h1>");
	html_put(w, w->source->title);
	export_puts(w, "</h1>\n");
}

static void put_summary(struct export_writer *w)
{
	const struct export_source *s = w->source;
	const struct cost *c = &s->outcome->cost;

	export_printf(w,
		"<p>Activations %s, weights %s by default. %u of %u quantized nodes in "
		"16 "
		"bits, %u region%s, <strong>%u conversion%s</strong>.</p>\n",
		qtypes[s->options->activation_type].name,
		qtypes[s->options->weight_type].name, c->wide_nodes, c->quantized_nodes,
		s->outcome->region_count, text_s(s->outcome->region_count),
		c->conversions, text_s(c->conversions));
}

/* Of a larger one what it is about, and some nodes around that. */
static uint32_t nodes_most(const struct export_source *s)
{
	uint64_t most = NODES_AROUND + 2 * (uint64_t)s->outcome->boundary_count;

	for (uint32_t i = 0; i < s->outcome->region_count; i++)
		most += 2 * (uint64_t)s->outcome->regions[i].node_count;
	return s->graph->main_nodes <= NODES_WHOLE || most > NODES_WHOLE ? NODES_WHOLE
									 : (uint32_t)most;
}

static bool put_picture(struct export_writer *w)
{
	struct drawing d;
	bool fine = drawing_make(&d, w->source, nodes_most(w->source), w->err);

	if (fine) {
		export_puts(w, "<h2>Graph</h2>\n<p class=\"soft\">Thick lines carry 16 "
			       "bits, dashed ones floats; a rounded box converts. "
			       "Constants are not drawn.");
		if (d.hidden)
			export_printf(w,
				" %u of %u nodes are drawn, those nearest to "
				"conversions and regions; all are in the tables.",
				d.nodes, d.nodes + d.hidden);
		export_puts(w, "</p>\n<div class=\"scroll\" tabindex=\"0\">\n");
		fine = svg_put_drawing(w, &d, w->err);
		export_puts(w, "</div>\n");
	}
	drawing_release(&d);
	return fine;
}

bool export_write_html(struct export_writer *w)
{
	put_head(w);
	put_summary(w);
	if (!put_picture(w) || !html_put_conversions(w))
		return false;
	html_put_regions(w);
	html_put_cost(w);
	html_put_choices(w);
	if (!html_put_tensors(w) || !html_put_losses(w))
		return false;
	export_printf(w, "<script>%s</script>\n</body>\n</html>\n", script);
	return true;
}

const char *export_lost_html(
	const struct export_source *source, const struct export_item *item)
{
	return item->bulk && (item->tensor == GRAPH_NONE ||
				     !export_is_row(source, item->tensor))
		       ? "the page has rows for float tensors of this model"
		       : NULL;
}
