#include "plan_models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The seeds of a text, in the form seed_text gives, joined by blanks. */
static const char *parsed(struct fixture *f, const char *text)
{
	static char out[1024];
	struct seed_list list = {0};
	struct error err = ERROR_INIT;

	*out = '\0';
	if (!seed_parse(f->graph, text, &list, &err)) {
		snprintf(out, sizeof(out), "%s", err.text);
		return out;
	}
	for (size_t i = 0; i < list.count; i++) {
		char *one = seed_text(f->graph, &list.items[i]);

		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s",
			*out ? " " : "", one);
		free(one);
	}
	ARRAY_RELEASE(&list);
	return out;
}

Test(plan_seed, forms)
{
	struct fixture f = fixture_mixed8();

	cr_assert_str_eq(parsed(&f, "Op4_out=u16"), "Op4_out=QUInt16");
	cr_assert_str_eq(
		parsed(&f, "Op4_out=qint16,symmetric"), "Op4_out=QInt16,symmetric");
	cr_assert_str_eq(parsed(&f, "node:Op4=QUInt16"), "node:Op4=QUInt16");
	cr_assert_str_eq(parsed(&f, "tensor:Op4_out=QUInt16"), "Op4_out=QUInt16");
	cr_assert_str_eq(parsed(&f, "Op2_out>Op4=QUInt16"), "Op2_out>Op4=QUInt16");
	cr_assert_str_eq(
		parsed(&f, "op:Cos=QUInt16"), "node:Op2=QUInt16 node:Op7=QUInt16");
	cr_assert_str_eq(
		parsed(&f, "output_[12]=QUInt16"), "output_1=QUInt16 output_2=QUInt16");
	cr_assert_str_eq(
		parsed(&f, "/^Op[34]_/=QUInt16"), "Op3_out=QUInt16 Op4_out=QUInt16");
	cr_assert_str_eq(
		parsed(&f, "node:Op[56]=u16"), "node:Op5=QUInt16 node:Op6=QUInt16");
	fixture_free(&f);
}

Test(plan_seed, exact_names_win)
{
	struct fixture f = fixture_make("a Cos x=y -> op:Cos\nb Cos op:Cos -> n>b\n"
					"c Cos n>b -> t*\nd Cos t* -> tt\n!tt\n");

	cr_assert_str_eq(parsed(&f, "op:Cos=u16"), "op:Cos=QUInt16");
	cr_assert_str_eq(parsed(&f, "x=y=u16"), "x=y=QUInt16");
	cr_assert_str_eq(parsed(&f, "n>b=u16"), "n>b=QUInt16");
	cr_assert_str_eq(parsed(&f, "n>b>c=u16"), "n>b>c=QUInt16");
	cr_assert_str_eq(parsed(&f, "t*=u16"), "t*=QUInt16");
	fixture_free(&f);
}

Test(plan_seed, wrong_ones_say_what_is_near)
{
	struct fixture f = fixture_mixed8();
	static const char *const cases[][2] = {
		{"Op4_out", "it has no type"},
		{"Op4_out=QUInt7", "no quantization type"},
		{"Op4_out=u16,sym", "symmetric"},
		{"Op4_ot=u16", "did you mean"},
		{"node:Op9=u16", "did you mean"},
		{"op:Coss=u16", "'Cos'"},
		{"Op2_out>Op44=u16", "no node"},
		{"Op4=u16", "node:Op4"},
		{"q*=u16", "matches"},
		{"/(/=u16", ""},
		{"=u16", "it has no name"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seed_list list = {0};
		struct error err = ERROR_INIT;

		cr_assert_not(seed_parse(f.graph, cases[i][0], &list, &err));
		cr_assert(strstr(err.text, cases[i][1]), "%s: %s", cases[i][0], err.text);
		cr_assert_eq(list.count, 0);
		ARRAY_RELEASE(&list);
	}
	fixture_free(&f);
}

Test(plan_seed, refused_by_the_plan)
{
	struct fixture f = fixture_make("a Shape x -> s\nb Add x,y -> z\n!z\n");
	struct error err = ERROR_INIT;

	cr_assert_not(plan_promote_reader(
		f.plan, tensor_of(&f, "z"), node_of(&f, "b"), QTYPE_U16, UNSET, &err));
	cr_assert(strstr(err.text, "does not read"));
	fixture_free(&f);
}

Test(plan_seed, files)
{
	struct fixture f = fixture_mixed8();
	char path[] = "/tmp/qdqedit-seeds-XXXXXX", text[64];
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	fputs("Op4_out=u16\r\n\n# a remark\nnode:Op1=s16", file);
	fclose(file);
	snprintf(text, sizeof(text), "@%s", path);
	cr_assert_str_eq(parsed(&f, text), "Op4_out=QUInt16 node:Op1=QInt16");
	remove(path);
	cr_assert(strstr(parsed(&f, text), path + 5));
	fixture_free(&f);
}
