/* :explain: every term, and the sums with the true numbers. */
#include "ui_fixture.h"

#include "job/session.h"
#include "ui/explain.h"

#include <stdio.h>
#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

/* The text of the card that is open, its lines joined by newlines. */
static const char *card_text(struct ui *ui)
{
	static char text[20000];
	size_t at = 0;

	cr_assert_eq(ui_card(ui), CARD_TEXT);
	for (size_t i = 0; i < ui->text.starts.count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s\n",
			ui->text.text + ui->text.starts.items[i]);
	return text;
}

#define SAYS(ui, part)                                                                   \
	cr_assert(strstr(card_text(ui), part), "%s\n is not in\n%s", part, card_text(ui))

Test(ui_explain, words_are_found_however_they_are_written)
{
	cr_assert_str_eq(topic_find("zero-point")->word, "zero-point");
	cr_assert_str_eq(topic_find("Zero Point")->word, "zero-point");
	cr_assert_str_eq(topic_find("zp")->word, "zero-point");
	cr_assert_str_eq(topic_find("QDQ")->word, "QDQ");
	cr_assert_str_eq(topic_find("u16")->word, "type");
	cr_assert_str_eq(topic_find("convert")->word, "boundary");
	cr_assert_null(topic_find(""));
	cr_assert_null(topic_find("scal"));
	cr_assert_null(topic_find("frobnicate"));
}

Test(ui_explain, every_word_means_one_thing_and_points_to_words)
{
	for (unsigned i = 0; i < topic_count; i++) {
		char words[400], *state = NULL;

		cr_assert_eq(topic_find(topics[i].word), &topics[i]);
		snprintf(words, sizeof(words), "%s", topics[i].also);
		for (char *w = strtok_r(words, " ", &state); w;
			w = strtok_r(NULL, " ", &state))
			cr_assert_eq(topic_find(w), &topics[i], "%s", w);
		snprintf(words, sizeof(words), "%s", topics[i].see);
		for (char *w = strtok_r(words, " ", &state); w;
			w = strtok_r(NULL, " ", &state))
			cr_assert(topic_find(w), "%s: %s", topics[i].word, w);
	}
}

Test(ui_explain, every_word_on_every_row_of_every_demo)
{
	static const char *const demos[] = {"mixed8", "convnet", "attention"};

	for (int d = 0; d < 3; d++) {
		struct ui *ui = editor_on_demo(demos[d]);

		editor_keys(ui, "jjj p");
		for (unsigned i = 0; i < topic_count; i++)
			for (unsigned row = 0; row < 12; row++) {
				editor_keys(ui, row ? "j" : "gg");
				cr_assert_not(explain(ui, topics[i].word) & DID_FAIL);
				editor_screen(ui);
				cr_assert_eq(ui->cards[0], CARD_TEXT);
				cr_assert_null(
					strchr(card_text(ui), 3), "%s", card_text(ui));
				editor_keys(ui, "q");
			}
		ui_free(ui);
	}
}

Test(ui_explain, the_sums_end_in_the_numbers_of_the_file)
{
	struct ui *ui = editor_on_demo("mixed8");

	editor_keys(ui, "/Op2_out<Enter>");
	ui_command(ui, "explain scale");
	SAYS(ui, "rmin = min(-0.9, 0) = -0.9, rmax = max(1, 0) = 1");
	SAYS(ui, "qmax - qmin = 255 - 0 = 255");
	SAYS(ui, "round(120.78947200009036) = 121");
	SAYS(ui, "in the file: scale 0.00745098 (float32), zero point 121 (QUInt8)");
	editor_keys(ui, "q j p k");
	ui_command(ui, "explain zp");
	SAYS(ui, "converted to QUInt16 for some readers");
	SAYS(ui, "in the file: scale 0.00745098 (float32), zero point 121 (QUInt8)");
	SAYS(ui, "in the file: scale 2.899214e-05 (float32), zero point 31043 (QUInt16)");
}

Test(ui_explain, constants_and_biases_have_sums_too)
{
	struct ui *ui = editor_on_demo("convnet");
	const struct graph *graph = ui->outcome->graph;
	bool weight = false, bias = false;

	for (tensor_id t = 0; t < graph->main_tensors; t++) {
		if (!graph_is_constant(graph, t))
			continue;
		ui->target = (struct target){t, GRAPH_NONE};
		explain(ui, "scale");
		weight |=
			strstr(card_text(ui), "least and greatest of its values") != NULL;
		bias |= strstr(card_text(ui), "A bias becomes int32") != NULL;
		ui_close_card(ui);
	}
	cr_assert(weight);
	cr_assert(bias);
}

Test(ui_explain, without_ranges_it_says_so)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jj");
	ui_command(ui, "explain scale");
	SAYS(ui, "No calibration range, so no scale yet");
	editor_keys(ui, "q");
	cr_assert(ui_command(ui, "explain regoin") & DID_FAIL);
	SEES(ui, "is it region?");
	cr_assert(ui_command(ui, "explain xyzzyxyzzy") & DID_FAIL);
	SEES(ui, "is not among the words");
	editor_keys(ui, "K");
	SEES(ui, "reduced-range");
}

Test(ui_explain, the_card_is_wrapped_for_the_screen)
{
	struct ui *ui = editor_on_demo("mixed8");

	ui_resize(ui, 40, 10);
	editor_keys(ui, "jjj");
	ui_command(ui, "explain scale");
	SEES(ui, "The scale says how far apart two");
	editor_keys(ui, "G");
	SEES(ui, "see also");
	ui_resize(ui, 100, 30);
	SEES(ui, "as the tensor's float type.");
	SEES(ui, "see also");
}
