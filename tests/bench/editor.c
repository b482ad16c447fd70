/* make bench: the editor's core on one model, key by key, painted by curses into a file.
 *
 *     editor [-v MS] [-k KEYS] [-s SEED] [-g WxH] MODEL [RANGES]
 *
 * Prints one JSON object: processor time in ms (of the whole process: the machine may
 * be busy), bytes sent, bytes of memory. -v names every key over MS on stderr. */
#include "base/text.h"
#include "ui/terminal.h"
#include "ui/ui.h"

#include <curses.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum class_id {
	CLASS_MOVE,
	CLASS_SCROLL,
	CLASS_GO,
	CLASS_FIND,
	CLASS_EDIT,
	CLASS_VIEW,
	CLASS_BULK,
	CLASS_AFTER,
	CLASS_REST
};

/* What a person does, as keys; `weight` in thousands of all. CLASS_MOVE is one row up or
 * down in the outline, CLASS_SCROLL one that moved all its rows, CLASS_REST no key but
 * what a move left to be sent when the hands rest. CLASS_BULK edits a quarter of all
 * nodes at once and comes at the end, CLASS_AFTER is what is pressed on such a plan. */
static const struct deed {
	enum class_id class;
	int weight;
	const char *keys;
} deeds[] = {
	{CLASS_MOVE, 150, "jjjj"},
	{CLASS_MOVE, 60, "kkk"},
	{CLASS_GO, 40, "<C-f>"},
	{CLASS_GO, 20, "<C-b>"},
	{CLASS_GO, 20, "<C-d>"},
	{CLASS_GO, 10, "gg"},
	{CLASS_GO, 10, "G"},
	{CLASS_GO, 20, "gd"},
	{CLASS_GO, 10, "l"},
	{CLASS_GO, 20, "<C-o>"},
	{CLASS_GO, 20, "]b"},
	{CLASS_GO, 10, "[b"},
	{CLASS_GO, 10, "]r"},
	{CLASS_GO, 10, "]c"},
	{CLASS_FIND, 20, "/n%u<Enter>"},
	{CLASS_FIND, 10, "/op:Relu is:promoted<Enter>"},
	{CLASS_FIND, 20, "n"},
	{CLASS_FIND, 10, "N"},
	{CLASS_FIND, 10, "*"},
	{CLASS_FIND, 10, "\\op:Mul<Enter>"},
	{CLASS_FIND, 10, "\\block%u<Enter>"},
	{CLASS_FIND, 5, "\\/n.*7$/<Enter>"},
	{CLASS_FIND, 20, "<Esc>"},
	{CLASS_FIND, 20, "<C-p>n%u<Enter>"},
	{CLASS_FIND, 10, "<C-p>blk<Esc>"},
	{CLASS_EDIT, 100, "p"},
	{CLASS_EDIT, 40, "u"},
	{CLASS_EDIT, 20, "<C-r>"},
	{CLASS_EDIT, 20, "d"},
	{CLASS_EDIT, 20, "."},
	{CLASS_EDIT, 20, "<Space>j<Space>p"},
	{CLASS_EDIT, 10, "vjjjp"},
	{CLASS_VIEW, 40, "<Tab>"},
	{CLASS_VIEW, 10, "1"},
	{CLASS_VIEW, 10, "3"},
	{CLASS_VIEW, 10, "5"},
	{CLASS_VIEW, 10, "6"},
	{CLASS_VIEW, 10, "7"},
	{CLASS_VIEW, 10, "O"},
	{CLASS_VIEW, 10, "="},
	{CLASS_VIEW, 5, "K"},
	{CLASS_VIEW, 5, "<Esc>"},
	{CLASS_VIEW, 5, "c<Esc>"},
	{CLASS_VIEW, 5, "e<Esc>"},
	{CLASS_VIEW, 5, "s"},
};

/* The last: a quarter promoted by a command, taken back and done again; then edits and
 * moves on that; then the same by p on a closed group of the outline. */
static const struct deed bulk[] = {
	{CLASS_VIEW, 1, ":promote-op Mul"},
	{CLASS_BULK, 1, "<Enter>u<C-r>"},
	{CLASS_AFTER, 12, "gg4jpjjjpuj<C-r>upd]b]bu3G5G1kkkk<Space>j<Space>pu."},
	{CLASS_VIEW, 1, "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuu:reset<Enter>:fold op<Enter>ggj"},
	{CLASS_BULK, 1, "pu<C-r>"},
	{CLASS_AFTER, 4, "jjkkjk"},
	{CLASS_BULK, 1, "jp"},
	{CLASS_BULK, 1, "uu"},
};

static const char *const class_names[] = {
	"move", "scroll", "go", "find", "edit", "view", "bulk", "after", "rest"};
enum { CLASSES = sizeof(class_names) / sizeof(*class_names) };

struct pressed {
	double ms;
	long bytes;
};

struct presses ARRAY_OF(struct pressed);

struct bench {
	struct ui *ui;
	FILE *screen;
	struct presses of[CLASSES];
	uint64_t random;
	unsigned keys, keys_wanted;
	double tell; /* ms from which a key is named */
	int w, h;
	double opened, first; /* ms */
	size_t lists, end;    /* bytes beyond the engine's */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static size_t memory(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static uint32_t next_random(struct bench *b, uint32_t below)
{
	b->random = b->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(b->random >> 33) % below;
}

/* Bytes that the last frame sent. */
static long sent(struct bench *b)
{
	long at = (long)lseek(fileno(b->screen), 0, SEEK_CUR);

	if (ftruncate(fileno(b->screen), 0))
		return 0;
	lseek(fileno(b->screen), 0, SEEK_SET);
	return at;
}

static void paint(struct bench *b, unsigned did)
{
	ui_draw(b->ui);
	hold_frame(b->ui, did);
	paint_frame(&b->ui->frame, b->ui->settings.paint, did & DID_CLEAR);
}

static void note(struct bench *b, enum class_id class, struct pressed sample)
{
	if (!ARRAY_PUSH(&b->of[class], sample))
		abort();
}

/* After each key: what it left for later. */
static void rest(struct bench *b)
{
	double start = now();

	b->ui->now += HANDS_REST;
	if (!b->ui->hold.since)
		return;
	paint(b, ui_tick(b->ui));
	note(b, CLASS_REST, (struct pressed){now() - start, sent(b)});
}

static void press(struct bench *b, enum class_id class, ui_key key, const char *deed)
{
	uint32_t top = b->ui->lists[PANE_OUTLINE].top;
	double start = now();
	struct pressed sample;
	char name[16];
	unsigned did;

	did = ui_press(b->ui, key);
	paint(b, did);
	sample = (struct pressed){now() - start, sent(b)};
	if (class == CLASS_MOVE && b->ui->facts.focus != PANE_OUTLINE)
		class = CLASS_GO;
	else if (class == CLASS_MOVE && b->ui->lists[PANE_OUTLINE].top != top)
		class = CLASS_SCROLL;
	note(b, class, sample);
	b->keys++;
	if (b->tell > 0 && (sample.ms > b->tell ||
				   (class == CLASS_MOVE && sample.bytes > MOVE_BYTES)))
		fprintf(stderr, "%7.2f ms %6ld bytes  %s in %s (%s)\n", sample.ms,
			sample.bytes, keys_name(key, name), deed, b->ui->messages.line);
	rest(b);
}

static void perform(struct bench *b, enum class_id class, const char *keys)
{
	char text[120];
	size_t at = 0, length;
	ui_key key;

	snprintf(text, sizeof(text), "%s", keys);
	if (strstr(keys, "%u")) {
		size_t n = (size_t)(strstr(keys, "%u") - keys);

		snprintf(text + n, sizeof(text) - n, "%u%s",
			next_random(b, b->ui->rows.graph->main_nodes / 40 + 1),
			keys + n + 2);
	}
	length = strlen(text);
	while ((key = keys_parse_next(text, length, &at)) != UK_NONE)
		press(b, class, key, text);
}

static const struct deed *choose(struct bench *b)
{
	uint32_t total = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(deeds) / sizeof(*deeds); k++)
		total += (uint32_t)deeds[k].weight;
	at = next_random(b, total);
	while (at >= (uint32_t)deeds[i].weight)
		at -= (uint32_t)deeds[i++].weight;
	return &deeds[i];
}

static int by_ms(const void *a, const void *b)
{
	const struct pressed *x = a, *y = b;

	return x->ms < y->ms ? -1 : x->ms > y->ms;
}

static int by_bytes(const void *a, const void *b)
{
	const struct pressed *x = a, *y = b;

	return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static void print_samples(const char *name, struct presses *s)
{
	const struct pressed none = {0, 0};
	const struct pressed *items = s->count ? s->items : &none;
	size_t last = s->count ? s->count - 1 : 0, p99 = last * 99 / 100;

	qsort(s->items, s->count, sizeof(*s->items), by_ms);
	printf(", \"%s\": {\"keys\": %zu, \"p50\": %.3f, \"p99\": %.3f, \"worst\": %.3f",
		name, s->count, items[last / 2].ms, items[p99].ms, items[last].ms);
	qsort(s->items, s->count, sizeof(*s->items), by_bytes);
	printf(", \"bytes50\": %ld, \"bytes99\": %ld, \"bytes_worst\": %ld}",
		items[last / 2].bytes, items[p99].bytes, items[last].bytes);
}

static void print(struct bench *b)
{
	const struct graph *graph = b->ui->rows.graph;
	struct presses all = {0};

	for (int i = 0; i < CLASSES; i++)
		for (size_t k = 0; i < CLASS_BULK && k < b->of[i].count; k++)
			if (!ARRAY_PUSH(&all, b->of[i].items[k]))
				abort();
	printf("{\"nodes\": %u, \"columns\": %d, \"rows\": %d, \"opened\": %.1f, "
	       "\"first\": %.1f, \"lists\": %zu, \"end\": %zu",
		graph->main_nodes, b->w, b->h, b->opened, b->first, b->lists, b->end);
	print_samples("all", &all);
	for (int i = 0; i < CLASSES; i++)
		print_samples(class_names[i], &b->of[i]);
	printf("}\n");
	ARRAY_RELEASE(&all);
}

static bool open_screen(struct bench *b)
{
	char number[16];
	FILE *in = fopen("/dev/null", "r");
	SCREEN *screen;

	snprintf(number, sizeof(number), "%d", b->w);
	setenv("COLUMNS", number, 1);
	snprintf(number, sizeof(number), "%d", b->h);
	setenv("LINES", number, 1);
	b->screen = tmpfile();
	screen = in && b->screen ? newterm("xterm-256color", b->screen, in) : NULL;
	if (!screen)
		return false;
	set_term(screen);
	start_color();
	paint_start(PAINT_256, false);
	return true;
}

/* Opens as the program does; the outcome counts as the engine's. */
static bool open_editor(struct bench *b, const char *model, char *ranges)
{
	struct error err = ERROR_INIT;
	struct text_list list = {.items = &ranges, .count = 1};
	struct session_request request = {
		.model = model, .ranges = ranges ? &list : NULL};
	struct ui_settings settings = {
		.hints = true, .lanes = LANES, .pace = PACE, .paint = PAINT_256};
	double start = now();
	struct session *session = session_open(&request, true, &progress_never, &err);
	size_t engine;

	b->opened = now() - start;
	if (session && plan_outcome(session->plan, &err)) {
		engine = memory();
		b->ui = ui_new(session, &settings, b->w, b->h, &err);
		b->lists = memory() - engine;
	}
	if (!b->ui) {
		fprintf(stderr, "editor: %s\n", err.text);
		return false;
	}
	paint(b, DID_CLEAR);
	b->first = now() - start;
	sent(b);
	return true;
}

static bool read_arguments(struct bench *b, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "v:k:s:g:")) != -1) {
		if (option == 'v')
			b->tell = strtod(optarg, NULL);
		else if (option == 'k')
			b->keys_wanted = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 's')
			b->random = strtoul(optarg, NULL, 10);
		else if (option != 'g' || sscanf(optarg, "%dx%d", &b->w, &b->h) != 2)
			return false;
	}
	return optind < argc;
}

int main(int argc, char **argv)
{
	struct bench b = {.random = 1, .keys_wanted = 1000, .w = 160, .h = 50};

	setlocale(LC_CTYPE, "C.UTF-8");
	if (!read_arguments(&b, argc, argv) || !open_screen(&b) ||
		!open_editor(&b, argv[optind], argv[optind + 1]))
		return 1;
	while (b.keys < b.keys_wanted) {
		const struct deed *deed = choose(&b);

		perform(&b, deed->class, deed->keys);
	}
	perform(&b, CLASS_GO, "<Esc><Esc><Esc><Esc>1gg");
	for (size_t i = 0; i < sizeof(bulk) / sizeof(*bulk); i++)
		for (int n = 0; n < bulk[i].weight; n++)
			perform(&b, bulk[i].class, bulk[i].keys);
	b.end = memory();
	endwin();
	print(&b);
	ui_free(b.ui);
	return 0;
}
