/* Now and then a quiet line about a command that was not used yet. */
#include "ui/hints.h"

#include <string.h>

enum { EVERY = 180000 }; /* ms */

/* In the order in which they are of use. */
static const struct {
	const char *command, *text;
} table[] = {
	{"why", "w says why the tensor under the cursor has its type"},
	{"undo", "u takes back any edit, Ctrl-R makes it again"},
	{"visual", "V selects a range of rows; p then promotes its nodes"},
	{"filter", "\\ shows only rows that match, as op:Conv or fan>2"},
	{"go", "Ctrl-P goes to a node or tensor by a part of its name"},
	{"readers", "c chooses which readers see a tensor in the other type"},
	{"next-boundary", "]b goes to the next conversion, [b to the one before"},
	{"preset", ":preset promotes sets that often need it, as softmax"},
	{"in-file", "F shows the node with its Q and DQ as in the file"},
	{"explain", ":explain scale shows the sums behind the numbers"},
	{"fold", "t folds rows by the paths in their names, :fold op by operator"},
	{"suggest", ":suggest finds by measurement what to promote"},
	{"mark", "ma marks the row as a, 'a comes back to it"},
	{"repeat", ". repeats the last promotion on another row"},
	{"diff", "D shows what differs from the saved overrides"},
	{"maximise", "O gives the pane the whole screen, and takes it back"},
	{"order", "s sorts the rows otherwise: by impact, fan-out, error"},
};

enum { HINTS = sizeof(table) / sizeof(*table) };
_Static_assert(HINTS <= 32, "struct hints has a bit for each");

void hints_note_command(struct hints *hints, const char *name)
{
	for (unsigned i = 0; i < HINTS; i++)
		if (!strcmp(table[i].command, name))
			hints->known |= 1u << i;
}

const char *hints_next(struct hints *hints, uint64_t now)
{
	if (!hints->next)
		hints->next = now + EVERY;
	if (now < hints->next)
		return NULL;
	for (unsigned i = 0; i < HINTS; i++) {
		if (hints->known >> i & 1)
			continue;
		hints->known |= 1u << i;
		hints->next = now + EVERY;
		return table[i].text;
	}
	return NULL;
}
