/* The real program on a real terminal. */
#include "build.h"
#include "support.h"
#include "tests/tty/pty.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EDIT(...) ((const char *const[]){test_program(), __VA_ARGS__, NULL})
#define WITH(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct pty *demo(int w, int h)
{
	struct pty *pty = pty_start(w, h, EDIT("demo"), WITH("QDQEDIT_ORT_LIB=none"));

	pty_expect(pty, "Op8");
	return pty;
}

static void leave(struct pty *pty)
{
	pty_type(pty, "ZQ");
	cr_assert_eq(pty_end(pty), 0);
	cr_assert(pty_is_restored(pty));
}

Test(tty, the_job_of_the_pull_request)
{
	struct pty *pty = demo(80, 24);
	const char *file = test_path("overrides.json");

	pty_type(pty, "jjjjjp");
	pty_expect(pty, "1 node follows (Op5), 3 DQ→Q");
	pty_expect(pty, "3 Bounds 3");
	pty_type(pty, test_text(":w %s\r", file));
	pty_expect(pty, "4 tensors written");
	pty_type(pty, "q");
	cr_assert_eq(pty_end(pty), 0);
	cr_assert(pty_is_restored(pty));
	cr_assert(strstr(test_read_file(file, NULL), "\"recv_nodes\": [\"Op6\"]"));
}

/* What libvterm makes of the bytes is the frame of the script, cell for cell. */
Test(tty, the_screen_is_the_frame)
{
	static const char *const steps[] = {"jjjjjp", "3j", "5", "?", "\x1b", ":prom"};
	static const char *const keys[] = {"jjjjjp", "3j", "5", "?", "<Esc>", "1:prom"};
	struct pty *pty = demo(100, 30);
	const char *script = test_path("script"), *dump = test_path("dump");
	char *text = ":resize 100x30\n";

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		char *end;

		pty_type(pty, i == 5 ? "1" : "");
		pty_type(pty, steps[i]);
		text = test_text("%s%s\n", text, keys[i]);
		test_write_text(script, test_text("%s:dump-screen %s\n", text, dump));
		cr_assert_eq(TEST_QDQEDIT("script", script).status, 0);
		pty_settle(pty);
		text = test_text("%s", text);
		end = strstr(test_read_file(dump, NULL), "\n--\n");
		cr_assert(end);
		cr_assert_eq(strncmp(pty_screen(pty), test_read_file(dump, NULL),
				     strlen(pty_screen(pty))),
			0, "%s\n%s", keys[i], pty_screen(pty));
	}
	pty_type(pty, "\x1b");
	leave(pty);
}

/* From the card to the file by way of the prompt. */
Test(tty, export_for_another_tool)
{
	struct pty *pty = demo(80, 24);
	const char *file = test_path("out.json");

	pty_type(pty, "jjjjjp:export\r");
	pty_expect(pty, "for another tool");
	pty_expect(pty, "lost  10 ranges");
	pty_type(pty, "\r");
	pty_expect(pty, ":export ort mixed8.json");
	pty_type(pty, test_text("\x15"
				"export ort %s\r",
			      file));
	pty_expect(pty, "out.json written");
	cr_assert(strstr(test_read_file(file, NULL), "\"recv_nodes\": [\"Op6\"]"));
	leave(pty);
}

Test(tty, sizes_come_and_go)
{
	struct pty *pty = demo(80, 24);
	int x, y;

	pty_type(pty, "jjjjjp");
	pty_expect(pty, "3 DQ→Q. u undoes");
	pty_resize(pty, 30, 8);
	pty_expect(pty, "too small: 30x8");
	pty_resize(pty, 40, 10);
	pty_expect(pty, "[Outline] Graph Bounds");
	pty_resize(pty, 160, 45);
	pty_expect(pty, "5 JSON ── 6 Why");
	pty_expect(pty, "\"Op4_out\": [{\"quant_type\": \"QUInt16\"}]");
	pty_settle(pty);
	pty_cursor(pty, &x, &y);
	cr_assert(x == 0 && y == 7, "%d,%d", x, y);
	leave(pty);
}

Test(tty, ctrl_c_never_quits)
{
	struct pty *pty = demo(80, 24);

	pty_type(pty, "\x03\x03\x03j\x03");
	pty_expect(pty, "row 2/10");
	pty_type(pty, ":qu\x03");
	pty_expect_gone(pty, ":qu");
	leave(pty);
}

Test(tty, suspend_and_continue)
{
	struct pty *pty = pty_start(80, 24, WITH("sh", "-i"), WITH("PS1=ready> "));

	pty_expect(pty, "ready>");
	pty_type(pty, test_text("%s demo\r", test_program()));
	pty_expect(pty, "Op8");
	pty_type(pty, "jjp\x1a");
	pty_expect(pty, "Stopped");
	cr_assert(pty_is_restored(pty));
	pty_resize(pty, 90, 30);
	pty_type(pty, "fg; printf 'it is %s' over\r");
	pty_expect(pty, "row 3/10");
	pty_expect(pty, "undo 1");
	pty_type(pty, "ZQ");
	pty_expect(pty, "it is over"); /* the prompt of before shows again earlier */
	pty_type(pty, "exit\r");
	cr_assert_eq(pty_end(pty), 0);
}

Test(tty, signals_give_the_terminal_back)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGSEGV, SIGABRT};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct pty *pty = demo(80, 24);
		int status;

		pty_signal(pty, numbers[i]);
		status = pty_end(pty);
		cr_assert_eq(status, i < 2 ? 0 : 128 + numbers[i], "%d: %d", numbers[i],
			status);
		cr_assert(pty_is_restored(pty), "signal %d", numbers[i]);
		if (i >= 2)
			cr_assert(strstr(pty_screen(pty), "a fault of its own"));
	}
}

Test(tty, no_colour_on_request)
{
	struct pty *pty = demo(80, 24);

	pty_type(pty, "jjjjjp");
	pty_expect(pty, "u undoes");
	cr_assert(pty_has_colour(pty));
	leave(pty);
	pty = pty_start(80, 24, EDIT("demo"), WITH("NO_COLOR=1"));
	pty_expect(pty, "Op8");
	pty_type(pty, "jjjjjp");
	pty_expect(pty, "u undoes");
	cr_assert_not(pty_has_colour(pty));
	leave(pty);
}

Test(tty, every_terminal_of_the_list)
{
	static const char *const terms[] = {"xterm", "screen", "tmux-256color", "linux",
		"vt100", "ansi", "screen-256color"};

	for (size_t i = 0; i < sizeof(terms) / sizeof(*terms); i++) {
		struct pty *pty = pty_start(80, 24, EDIT("demo", "--ascii"),
			WITH(test_text("TERM=%s", terms[i]),
				/* libgpm, loaded for "linux", keeps ten bytes */
				"ASAN_OPTIONS=detect_leaks=0"));

		pty_expect(pty, "Op8");
		pty_type(pty, "jjjjjp");
		pty_expect(pty, "1 node follows (Op5), 3 DQ>Q");
		pty_type(pty, "ZQ");
		cr_assert_eq(pty_end(pty), 0, "%s", terms[i]);
	}
}

Test(tty, the_c_locale_is_ascii)
{
	struct pty *pty = pty_start(80, 24, EDIT("demo"), WITH("LC_ALL=C"));

	/* the terminal draws the lines itself, until told not to */
	pty_expect(pty, "o    Op8");
	pty_expect(pty, "─1 Outline");
	pty_type(pty, ":set ascii\r");
	pty_expect(pty, "-1 Outline");
	for (const char *at = pty_screen(pty); *at; at++)
		cr_assert((unsigned char)*at < 127);
	leave(pty);
	pty = pty_start(80, 24, EDIT("demo"), WITH("LC_ALL=xx_XX.UTF-8"));
	pty_expect(pty, "is not installed, using ASCII");
	leave(pty);
}

static void refuses(const char *term, const char *text, int status)
{
	struct pty *pty = pty_start(80, 24, EDIT("demo"), WITH(term));

	cr_assert_eq(pty_end(pty), status, "%s", term);
	cr_assert(strstr(pty_screen(pty), text), "%s: %s", term, pty_screen(pty));
	cr_assert(pty_is_restored(pty));
}

Test(tty, terminals_that_cannot_are_told_so)
{
	struct test_result result;

	refuses("TERM=dumb", "cannot move the cursor", 1);
	refuses("TERM=nonsense", "unknown here", 1);
	refuses("TERM=", "TERM is not set", 1);
	result = TEST_QDQEDIT("demo");
	cr_assert_eq(result.status, 2);
	cr_assert(strstr(result.err, "not a terminal"));
}

Test(tty, the_mouse_selects)
{
	struct pty *pty = demo(80, 24);

	/* a press and a release at row 8, column 5, in the form of SGR */
	pty_type(pty, "\x1b[<0;5;8M\x1b[<0;5;8m");
	pty_expect(pty, "row 6/10");
	/* dragged from row 3 to row 6; a click right after the focus came is dropped */
	pty_type(pty, "\x1b[<0;5;5M\x1b[<0;5;8m");
	pty_expect(pty, "VISUAL");
	pty_type(pty, "\x1b");
	pty_expect(pty, "NORMAL");
	pty_type(pty, "\x1b[I\x1b[<0;5;4M\x1b[<0;5;4m");
	pty_expect(pty, "row 6/10");
	pty_type(pty, "\x1b[<0;5;40M\x1b[<0;5;40m");
	pty_type(pty, "M");
	pty_expect(pty, "mouse off");
	leave(pty);
}

Test(tty, a_paste_is_no_keys)
{
	struct pty *pty = demo(80, 24);

	pty_type(pty, "\x1b[200~pppdZQ\x1b[201~");
	pty_expect(pty, "a paste is no keys");
	pty_type(pty, "/\x1b[200~Op7\x1b[201~\r");
	pty_expect(pty, "row 9/10");
	leave(pty);
}

/* The budget of tui-design.md 8: 600 bytes for a move of the cursor. */
Test(tty, moves_cost_few_bytes)
{
	static const int sizes[][2] = {{80, 24}, {160, 45}};

	for (int i = 0; i < 2; i++) {
		struct pty *pty = demo(sizes[i][0], sizes[i][1]);
		size_t before = pty_settle(pty), most = 0;

		for (int k = 0; k < 9; k++) {
			size_t now;

			pty_type(pty, "j");
			now = pty_settle(pty);
			most = now - before > most ? now - before : most;
			before = now;
		}
		cr_assert_leq(
			most, 600, "%zu bytes at %dx%d", most, sizes[i][0], sizes[i][1]);
		leave(pty);
	}
}

/* A model that no picture holds as a whole, and two pictures have little in common. */
static const char *chain_file(void)
{
	static const char *const words[] = {"attention", "mlp", "embedding/projection",
		"norm", "residual", "gate", "output_dense"};
	const char *path = test_path("chain.onnx");
	Onnx__ModelProto *model = proto_model(21);

	proto_input(model->graph, "t0", ELEMENT_FLOAT, "1,8");
	for (int i = 0; i < 200; i++)
		proto_node(model->graph, "Sin",
			test_text("%s/N%d", words[i * i % 11 % 7], i),
			test_text("t%d", i), test_text("t%d", i + 1));
	proto_output(model->graph, "t200", ELEMENT_FLOAT, "1,8");
	proto_file(model, path);
	return path;
}

/* Panes that waited while keys came show what a frame drawn at once shows. */
Test(tty, panes_follow_when_the_hands_rest)
{
	enum { MOVES = 60 };
	const char *model = chain_file(), *script = test_path("script"),
		   *dump = test_path("dump");
	struct pty *pty = pty_start(160, 50, EDIT(model), WITH("QDQEDIT_ORT_LIB=none"));
	char keys[MOVES + 1] = "";

	memset(keys, 'j', MOVES);
	test_write_text(
		script, test_text(":resize 160x50\n%s\n:dump-screen %s\n", keys, dump));
	cr_assert_eq(TEST_QDQEDIT("script", script, model).status, 0);
	pty_expect(pty, "N30");
	for (int i = 0; i < MOVES; i++) {
		pty_type(pty, "j");
		pty_expect(pty, test_text("row %d/201", i + 2));
	}
	pty_settle(pty);
	cr_assert_eq(strncmp(pty_screen(pty), test_read_file(dump, NULL),
			     strlen(pty_screen(pty))),
		0, "%s\n%s", pty_screen(pty), test_read_file(dump, NULL));
	leave(pty);
}
