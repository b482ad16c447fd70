/* :export, and the card that shows what each format would lose. */
#include "support.h"
#include "ui_fixture.h"

#include "export/export.h"
#include "ui/command.h"

#include <string.h>

/* The example with Op4_out at 16 bit. */
static struct ui *begin(int w, int h)
{
	struct ui *ui = editor_on_demo("mixed8");

	ui_resize(ui, w, h);
	editor_keys(ui, "jjjjjp");
	return ui;
}

static void shows(struct ui *ui, const char *part)
{
	const char *screen = editor_screen(ui);

	cr_expect(strstr(screen, part), "no '%s' in\n%s", part, screen);
}

/* The cursor of the card on a format. */
static void choose(struct ui *ui, const char *name)
{
	struct error err = ERROR_INIT;
	ptrdiff_t at = export_find(name, &err) - export_formats;

	ui_command(ui, "export");
	editor_screen(ui);
	for (ptrdiff_t i = 0; i < at; i++)
		editor_keys(ui, "j");
}

Test(ui_export, card_tells_what_is_lost)
{
	struct ui *ui = begin(80, 24);

	choose(ui, "olive");
	shows(ui, "-> mixed8_olive.json");
	shows(ui, "lost  3 converts");
	shows(ui, "Op2_out -> Op4  u8>u16");
	shows(ui, "the format keeps one type for each tensor");
	editor_keys(ui, "<Tab>");
	shows(ui, "what olive cannot carry");
	shows(ui, "lost  10 ranges");
	shows(ui, "input_0  -1 .. 3");
	editor_keys(ui, "<Esc>");
	shows(ui, "-> mixed8_olive.json"); /* the cursor is where it was */
	editor_keys(ui, "<Esc>");
	ui_command(ui, "export");
	shows(ui, "-> mixed8.json");
	ui_free(ui);
}

/* Imported scores are of the plan. */
Test(ui_export, scores)
{
	struct ui *ui = begin(80, 24);

	test_write_text(test_path("s.csv"), "tensor,mse\nOp4_out,3\nOp5_out,7\n");
	ui_command(ui, test_text("import %s", test_path("s.csv")));
	choose(ui, "olive");
	shows(ui, "lost  2 scores");
	editor_keys(ui, "<Esc>");
	ui_command(ui, test_text("export csv %s", test_path("o.csv")));
	cr_expect(strstr(test_read_file(test_path("o.csv"), NULL), ",7\n"));
	ui_free(ui);
}

/* What the card shows follows from the plan as it is. */
Test(ui_export, card_without_ranges)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	choose(ui, "encodings");
	shows(ui, "has no range");
	editor_keys(ui, "<Enter>");
	cr_expect_eq(ui_card(ui), CARD_EXPORT);
	cr_expect(strstr(ui->messages.line, "has no range"), "%s", ui->messages.line);
	ui_free(ui);
}

Test(ui_export, writes_what_the_prompt_says)
{
	struct ui *ui = begin(80, 24);
	const char *file = test_path("o.json");

	choose(ui, "ort");
	editor_keys(ui, "<Enter>");
	shows(ui, ":export ort mixed8.json");
	editor_keys(ui, "<C-c>");
	ui_command(ui, test_text("export ort %s", file));
	cr_expect(strstr(ui->messages.line,
			  "o.json written. 12 things lost or changed, :messages tells"),
		"%s", ui->messages.line);
	cr_expect(strstr(test_read_file(file, NULL), "\"recv_nodes\": [\"Op6\"]"));
	ui_free(ui);
}

/* Nothing is replaced without a further word, and nothing but it is said. */
Test(ui_export, existing_files)
{
	struct ui *ui = begin(80, 24);
	const char *file = test_path("o.csv");

	test_write_text(file, "mine\n");
	cr_expect(ui_command(ui, test_text("export csv %s", file)) & DID_FAIL);
	cr_expect(strstr(ui->messages.line, "o.csv exists; :export! csv "), "%s",
		ui->messages.line);
	cr_expect_str_eq(test_read_file(file, NULL), "mine\n");
	cr_expect_not(ui_command(ui, test_text("export! csv %s", file)) & DID_FAIL);
	cr_expect_eq(strncmp(test_read_file(file, NULL), "tensor,producer", 15), 0);
	cr_expect(ui_command(ui, "export cvs x") & DID_FAIL);
	cr_expect_str_eq(
		ui->messages.line, "export: no format 'cvs'; :export lists them");
	cr_expect(ui_command(ui, "export csv -") & DID_FAIL);
	ui_free(ui);
}

/* Formats that leave in float what is promoted are asked for twice. */
Test(ui_export, float_is_asked_for)
{
	for (size_t i = 0; i < export_format_count; i++) {
		const char *name = export_formats[i].name;
		const char *file = test_path("%s.out", name);
		struct ui *ui;

		if (!(export_formats[i].flags & EXPORT_FLOAT))
			continue;
		ui = begin(80, 24);
		choose(ui, name);
		shows(ui, "f   [ ] let what is promoted stay float there");
		editor_keys(ui, "<Enter>");
		cr_expect(strstr(ui->messages.line, "f if that is meant"));
		editor_keys(ui, "f<Enter>");
		shows(ui, test_text(":export %s --accept-float ", name));
		editor_keys(ui, "<C-c>");
		cr_expect(
			ui_command(ui, test_text("export %s %s", name, file)) & DID_FAIL);
		cr_expect(strstr(ui->messages.line, "--accept-float "));
		cr_expect_not(ui_command(ui, test_text("export %s --accept-float %s",
						     name, file)) &
			      DID_FAIL);
		cr_expect(strstr(test_read_file(file, NULL), "Op4"));
		ui_free(ui);
	}
}

Test(ui_export, card_fits_every_size)
{
	struct ui *ui = begin(80, 24);

	ui_command(ui, "export");
	for (int w = 1; w < 130; w += 3) {
		for (int h = 1; h < 40; h += 2) {
			ui_resize(ui, w, h);
			editor_screen(ui);
		}
	}
	ui_resize(ui, 40, 14);
	shows(ui, "ONNX Runtime's tensor quantization");
	ui_free(ui);
}
