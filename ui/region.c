/* Names and notes of regions. */
#include "base/text.h"
#include "ui/edit_steps.h"
#include "ui/explain.h"
#include "ui/extras.h"

#include <stdio.h>
#include <string.h>

static const struct region *region_here(const struct ui *ui)
{
	return edit_no_region(ui)
		       ? NULL
		       : &ui->outcome
				  ->regions[ui->outcome->nodes[ui->target.node].region];
}

/* The seed that carries name and note: the oldest that has one, else the oldest. */
static size_t bearer(const struct ui *ui, const struct region *region)
{
	for (uint32_t i = 0; i < region->seed_count; i++) {
		const struct seed *seed =
			&ui->session->plan->seeds.items[region->seeds[i]];

		if (seed->region || seed->note)
			return region->seeds[i];
	}
	return region->seeds[0];
}

unsigned region_set(struct ui *ui, const char *name, const char *note)
{
	const struct region *region = region_here(ui);
	struct edit edit;
	char what[200], clean[100], keep_name[256], keep_note[1024];
	const char *word = name ? "named" : "noted", *text = name ? name : note;

	if (!region)
		return ui_say(ui, SEVERITY_ERROR, "the cursor is in no region");
	if (!region->seed_count)
		return ui_say(ui, SEVERITY_ERROR, "no choice of yours made this region");
	snprintf(keep_name, sizeof(keep_name), "%s", name ? name : region->name);
	snprintf(keep_note, sizeof(keep_note), "%s", note ? note : region->note);
	snprintf(what, sizeof(what), "region %s %s%s %s", region->letter,
		*text ? "" : "no longer ", word,
		text_escape(clean, sizeof(clean), text, strlen(text)));
	if (!edit_begin(&edit, ui, what))
		return DID_FAIL;
	return edit_end(&edit, plan_name_region(ui->session->plan, bearer(ui, region),
				       keep_name, keep_note, &edit.err));
}

unsigned region_run(struct ui *ui, const char *args)
{
	size_t n = strcspn(args, " ");
	const char *text = args + n + strspn(args + n, " ");

	if (!n)
		return explain(ui, "region");
	if (n == 4 && !strncmp(args, "name", 4))
		return region_set(ui, text, NULL);
	if (n == 4 && !strncmp(args, "note", 4))
		return region_set(ui, NULL, text);
	return ui_say(ui, SEVERITY_ERROR, "region name TEXT, or region note TEXT");
}
