/* The override form, field by field, and the readers picker by mouse. */
#include "ui_fixture.h"

#include <string.h>

#define SEES(ui, text)                                                                   \
	cr_assert(strstr(editor_screen(ui), text), "%s\n is not in\n%s", text,           \
		editor_screen(ui))

/* On Op4 with its form open. */
static struct ui *form(void)
{
	struct ui *ui = editor_on(fixture_mixed8(), 80, 24);

	editor_keys(ui, "jjjjj e");
	return ui;
}

static const struct entry_params *own(const struct ui *ui, const char *tensor)
{
	const struct entry_list *list = overrides_find(&ui->outcome->entries,
		graph_find_tensor(ui->outcome->graph, tensor, strlen(tensor)));

	cr_assert(list && list->count, "%s has no entry", tensor);
	return &list->entries[0].own;
}

Test(ui_form, the_type_is_a_seed_and_can_be_cleared)
{
	struct ui *ui = form();

	editor_keys(ui, "u16 <Enter>");
	cr_assert_eq(ui->session->plan->seeds.count, 1);
	cr_assert_eq(ui->outcome->boundary_count, 3);
	editor_keys(ui, "e <C-u> <Enter>");
	cr_assert_eq(ui->session->plan->seeds.count, 0);
	cr_assert_eq(ui->outcome->boundary_count, 0);
	editor_keys(ui, "e <Space><Space><Space>");
	SEES(ui, "type          u16");
	editor_keys(ui, "<Enter>");
	cr_assert_eq(ui->outcome->boundary_count, 3);
}

Test(ui_form, faults_stand_there_while_one_types)
{
	struct ui *ui = form();

	editor_keys(ui, "<Tab>0");
	SEES(ui, "scale");
	cr_assert(*ui->form.fault);
	editor_keys(ui, "<C-u>0.5");
	cr_assert(*ui->form.fault, "a scale without a zero point");
	editor_keys(ui, "<Tab>300");
	cr_assert(*ui->form.fault, "not within u8");
	editor_keys(ui, "<C-u>128");
	cr_assert_str_eq(ui->form.fault, "");
	editor_keys(ui, "<Tab>5<Tab>2");
	cr_assert(*ui->form.fault, "a range beside a scale, and upside down");
	editor_keys(ui, "<C-u><S-Tab><C-u><Enter>");
	cr_assert_eq(ui_card(ui), CARD_NONE);
	cr_assert_float_eq(own(ui, "Op4_out")->scale, 0.5, 0);
	cr_assert_eq(own(ui, "Op4_out")->zero_point, 128);
}

Test(ui_form, flags_take_words_and_space)
{
	struct ui *ui = form();

	editor_keys(ui, "<Tab><Tab><Tab><Tab><Tab>maybe");
	cr_assert(strstr(ui->form.fault, "neither yes nor no"));
	editor_keys(ui, "<C-u><Space>");
	SEES(ui, "symmetric     yes");
	editor_keys(ui, "<Space>");
	SEES(ui, "symmetric     no");
	editor_keys(ui, "<S-Tab>2<S-Tab>-1<Enter>");
	cr_assert(own(ui, "Op4_out")->has & ENTRY_SYMMETRIC);
	cr_assert_not(own(ui, "Op4_out")->symmetric);
	cr_assert_float_eq(own(ui, "Op4_out")->rmin, -1, 0);
}

Test(ui_form, a_weight_has_lists_by_channel)
{
	struct ui *ui = editor_on_demo("convnet");
	const struct entry_list *list;

	editor_keys(ui, ":go<Space>head.weight<Enter>e");
	SEES(ui, "axis");
	editor_keys(ui, "s8<Tab>0.1,0.2");
	cr_assert(strstr(ui->form.fault, "axis of the channels"));
	editor_keys(ui, "<Tab>0 <S-Tab><S-Tab><S-Tab> 0");
	cr_assert_str_eq(ui->form.fault, "");
	editor_keys(ui, "<Enter>");
	list = overrides_find(&ui->outcome->entries,
		graph_find_tensor(ui->outcome->graph, "head.weight", 11));
	cr_assert(list);
	cr_assert_eq(list->count, 2);
	cr_assert_float_eq(list->entries[1].own.scale, 0.2f, 0);
	editor_keys(ui, "e");
	SEES(ui, "0.1,0.2");
	editor_keys(ui, "<Tab>,0.3");
	cr_assert(*ui->form.fault, "three values, two channels");
	editor_keys(ui, "<Esc>");
}

Test(ui_form, the_converted_side_is_told_or_refused)
{
	struct ui *ui = form();

	editor_keys(ui, "<C-t>");
	SEES(ui, "no reader sees it converted; c chooses readers");
	editor_keys(ui, "<Esc>p kk j :go<Space>Op2_out<Enter> e <C-t>");
	SEES(ui, "converted side");
	/* its own type, unchanged, is nothing against it */
	cr_assert_str_eq(ui->form.fault, "");
	editor_keys(ui, "<Tab><Tab><Tab>-2<Tab>2<Enter>");
	cr_assert_eq(ui_card(ui), CARD_NONE, "%s", ui->form.fault);
	editor_keys(ui, "e<C-t>s16");
	cr_assert(*ui->form.fault);
}

Test(ui_form, fits_the_smallest_screen)
{
	struct ui *ui = editor_on_demo("convnet");

	ui_resize(ui, 40, 10);
	editor_keys(ui, ":go<Space>head.weight<Enter>e");
	for (int i = 0; i < FIELD_COUNT; i++) {
		SEES(ui, "▸");
		editor_keys(ui, "<Tab>");
	}
	editor_keys(ui, "<S-Tab>");
	SEES(ui, "▸ axis");
}
