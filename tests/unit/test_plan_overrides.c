#include "plan_models.h"

#include "plan/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL "Op2 Cos x -> y\nOp4 Add y,K[3] -> z\nOp7 Conv y,W[2,3] -> v\n!z\n!v\n"

struct reading {
	struct fixture f;
	struct overrides out;
	struct problem_list problems;
	bool read, sound;
};

static struct reading read_text(const char *json, size_t length)
{
	struct reading r = {.f = fixture_make(MODEL)};
	struct error err = ERROR_INIT;

	r.read = overrides_read(
		&r.out, r.f.graph, json, length, "o.json", &r.problems, &err);
	r.sound = overrides_check(
		&r.out, r.f.graph, r.f.plan->options, "o.json", &r.problems, &err);
	cr_assert_not(error_is_set(&err), "%s", err.text);
	return r;
}

static void release(struct reading *r)
{
	overrides_release(&r->out);
	problem_clear(&r->problems);
	fixture_free(&r->f);
}

static void read_back(const char *json, const char *expected)
{
	struct reading r = read_text(json, strlen(json)), again;
	size_t length;
	char *text;

	cr_assert(r.read && r.sound, "%s: %s", json,
		r.problems.count ? r.problems.items[0].cause : "");
	text = overrides_write(&r.out, r.f.graph, &length, NULL);
	cr_assert_str_eq(text, expected);
	again = read_text(text, length);
	cr_assert(again.read && overrides_equal(&r.out, &again.out));
	free(text);
	release(&r);
	release(&again);
}

Test(plan_overrides, all_keys_are_written_in_order)
{
	read_back("{}", "{}\n");
	read_back("{\"y\":[{\"rmax\":2,\"rmin\":-1.5,\"symmetric\":true,"
		  "\"quant_type\":\"uint16\"}]}",
		"{\n  \"y\": [{\"quant_type\": \"QUInt16\", \"symmetric\": true, "
		"\"rmin\": "
		"-1.5, \"rmax\": 2.0}]\n}\n");
	read_back("{\"y\":[{\"zero_point\":[7],\"scale\":[0.1],\"convert\":{"
		  "\"recv_nodes\":[\"Op7\",\"Op4\"],\"quant_type\":\"s16\","
		  "\"symmetric\":false}}]}",
		"{\n  \"y\": [{\"scale\": 0.1, \"zero_point\": 7, \"convert\": "
		"{\"quant_type\": \"QInt16\", \"symmetric\": false, \"recv_nodes\": "
		"[\"Op4\", \"Op7\"]}}]\n}\n");
	read_back("{\"y\": [{\"rmin\": -3.4028235e38, \"rmax\": 3.4028235e38}]}",
		"{\n  \"y\": [{\"rmin\": -3.4028235e+38, \"rmax\": 3.4028235e+38}]\n}\n");
}

Test(plan_overrides, channels_stand_one_on_a_line)
{
	read_back("{\"W\":[{\"axis\":0,\"quant_type\":\"s8\",\"reduce_range\":false},"
		  "{\"quant_type\":\"QInt8\"}],\"K\":[{\"axis\":null,"
		  "\"quant_type\":\"u4\"}]}",
		"{\n  \"W\": [\n    {\"quant_type\": \"QInt8\", \"axis\": 0, "
		"\"reduce_range\": false},\n    {\"quant_type\": \"QInt8\"}\n  ],\n"
		"  \"K\": [{\"quant_type\": \"QUInt4\"}]\n}\n");
}

/* Id and place of the first problem for a text that must be refused. */
static void refuse(const char *json, const char *id, const char *place)
{
	struct reading r = read_text(json, strlen(json));

	cr_assert_not(r.read && r.sound, "%s", json);
	cr_assert_gt(r.problems.count, 0, "%s", json);
	cr_assert_str_eq(
		r.problems.items[0].id, id, "%s: %s", json, r.problems.items[0].cause);
	cr_assert_str_eq(r.problems.items[0].place, place, "%s: %s", json,
		r.problems.items[0].cause);
	cr_assert_neq(r.problems.items[0].remedy[0], '\0');
	release(&r);
}

Test(plan_overrides, malformed_json)
{
	refuse("", "json", "o.json: line 1");
	refuse("{", "json", "o.json: line 1");
	refuse("{\n\"y\": [\n}", "json", "o.json: line 3");
	refuse("{\"y\": []} x", "json", "o.json: line 1");
	refuse("{\"y\": [],\n\"y\": []}", "json", "o.json: line 2");
	refuse("{\"\xff\": []}", "json", "o.json: line 1");
	refuse("{'y': []}", "json", "o.json: line 1");
	refuse("[]", "json", "o.json");
	refuse("{\"y\": [{\"quant_type\": \"QUInt8\", \"quant_type\": \"QUInt8\"}]}",
		"json", "o.json: line 1");
}

Test(plan_overrides, wrong_kinds)
{
	refuse("{\"no\": []}", "unknown-tensor", "o.json: 'no'");
	refuse("{\"y\": {}}", "T1", "o.json: 'y'");
	refuse("{\"y\": [1]}", "T2", "o.json: 'y'");
	refuse("{\"y\": [{\"quant_type\": 3}]}", "type", "o.json: 'y'.quant_type");
	refuse("{\"y\": [{\"quant_type\": \"QUInt7\"}]}", "type",
		"o.json: 'y'.quant_type");
	refuse("{\"y\": [{\"symmetric\": 1}]}", "boolean", "o.json: 'y'.symmetric");
	refuse("{\"y\": [{\"rmin\": \"a\"}]}", "number", "o.json: 'y'.rmin");
	refuse("{\"y\": [{\"rmin\": NaN}]}", "number", "o.json: 'y'.rmin");
	refuse("{\"y\": [{\"rmax\": -Infinity}]}", "number", "o.json: 'y'.rmax");
	refuse("{\"y\": [{\"rmin\": 1e39}]}", "number", "o.json: 'y'.rmin");
	refuse("{\"y\": [{\"zero_point\": 1.5, \"scale\": 1}]}", "number",
		"o.json: 'y'.zero_point");
	refuse("{\"y\": [{\"colour\": 1}]}", "key", "o.json: 'y'.colour");
	refuse("{\"y\": [{\"recv_nodes\": []}]}", "key", "o.json: 'y'.recv_nodes");
	refuse("{\"y\": [{\"convert\": 1}]}", "convert", "o.json: 'y'.convert");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", \"axis\": 0}}]}", "key",
		"o.json: 'y'.convert.axis");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", \"recv_nodes\": "
	       "\"Op4\"}}]}",
		"receivers", "o.json: 'y'.convert.recv_nodes");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", \"recv_nodes\": "
	       "[\"Op2\"]}}]}",
		"receivers", "o.json: 'y'.convert.recv_nodes");
}

Test(plan_overrides, rules_of_one_entry)
{
	refuse("{\"y\": [{\"scale\": 1}]}", "T3", "o.json: 'y'");
	refuse("{\"y\": [{\"scale\": 1, \"zero_point\": 0, \"rmax\": 1}]}", "T4",
		"o.json: 'y'");
	refuse("{\"y\": [{\"reduce_range\": true}]}", "T5", "o.json: 'y'.reduce_range");
	refuse("{\"K\": [{\"convert\": {\"quant_type\": \"u16\"}}]}", "T6",
		"o.json: 'K'.convert");
	refuse("{\"y\": [{\"convert\": {}}]}", "T7", "o.json: 'y'.convert.quant_type");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", \"reduce_range\": "
	       "true}}]}",
		"T8", "o.json: 'y'.convert.reduce_range");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u8\"}}]}", "T9",
		"o.json: 'y'.convert.quant_type");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", \"scale\": 1}}]}", "T10",
		"o.json: 'y'.convert");
	refuse("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", \"scale\": 1, "
	       "\"zero_point\": 1, \"rmin\": 0}}]}",
		"T11", "o.json: 'y'.convert");
	refuse("{\"y\": [{\"scale\": 0, \"zero_point\": 0}]}", "Q24",
		"o.json: 'y'.scale");
	refuse("{\"y\": [{\"scale\": 1e-60, \"zero_point\": 0}]}", "Q24",
		"o.json: 'y'.scale");
	refuse("{\"y\": [{\"scale\": 1, \"zero_point\": 256}]}", "Q24",
		"o.json: 'y'.zero_point");
	refuse("{\"y\": [{\"rmin\": 2, \"rmax\": 1}]}", "Q24", "o.json: 'y'.rmin");
}

Test(plan_overrides, rules_of_channels)
{
	refuse("{\"y\": [{\"axis\": 0}]}", "C1", "o.json: 'y'");
	refuse("{\"W\": [{}, {}]}", "C2", "o.json: 'W'[0].axis");
	refuse("{\"W\": [{\"axis\": 2}]}", "C3", "o.json: 'W'.axis");
	refuse("{\"W\": [{\"axis\": 1}, {}]}", "C4", "o.json: 'W'[0]");
	refuse("{\"W\": [{\"axis\": 0, \"convert\": {\"quant_type\": \"u16\"}}]}", "C5",
		"o.json: 'W'.convert");
	refuse("{\"W\": [{\"axis\": 0, \"scale\": 1}]}", "C6", "o.json: 'W'");
	refuse("{\"W\": [{\"axis\": 0, \"scale\": 1, \"zero_point\": 0, \"rmin\": 0}]}",
		"C7", "o.json: 'W'");
	refuse("{\"W\": [{\"axis\": 0, \"rmin\": 1}]}", "C8", "o.json: 'W'");
	refuse("{\"W\": [{\"axis\": 0}, 1]}", "C9", "o.json: 'W'[1]");
	refuse("{\"W\": [{\"axis\": 0}, {\"convert\": {\"quant_type\": \"u16\"}}]}",
		"C10", "o.json: 'W'[1].convert");
	refuse("{\"W\": [{\"axis\": 0}, {\"quant_type\": \"u8\"}]}", "C11",
		"o.json: 'W'[1].quant_type");
	refuse("{\"W\": [{\"axis\": 0}, {\"axis\": 1}]}", "C12", "o.json: 'W'[1].axis");
	refuse("{\"W\": [{\"axis\": 0}, {\"symmetric\": true}]}", "C13",
		"o.json: 'W'[1].symmetric");
	refuse("{\"W\": [{\"axis\": 0}, {\"reduce_range\": true}]}", "C14",
		"o.json: 'W'[1].reduce_range");
	refuse("{\"W\": [{\"axis\": 0, \"scale\": 1, \"zero_point\": 0}, {}]}", "C15",
		"o.json: 'W'[1]");
	refuse("{\"W\": [{\"axis\": 0}, {\"scale\": 1, \"zero_point\": 0, \"rmin\": 1}]}",
		"C16", "o.json: 'W'[1]");
	refuse("{\"W\": [{\"axis\": 0, \"rmin\": 0, \"rmax\": 1}, {\"rmin\": 0}]}", "C17",
		"o.json: 'W'[1]");
}

Test(plan_overrides, all_faults_are_told_and_sound_lists_kept)
{
	const char *json = "{\"y\": [{\"rmin\": \"a\", \"what\": 1}], \"no\": [], \"z\": "
			   "[{\"quant_type\": \"u16\"}]}";
	struct reading r = read_text(json, strlen(json));

	cr_assert_not(r.read);
	cr_assert_eq(r.problems.count, 3);
	cr_assert_eq(r.out.count, 1);
	cr_assert_eq(r.out.lists[0].tensor, tensor_of(&r.f, "z"));
	release(&r);
}

Test(plan_overrides, faults_come_in_the_order_of_the_file)
{
	static const char *const ids[] = {"Q24", "unknown-tensor", "T3", "key"};
	const char *json = "{\"y\": [{\"rmin\": 1, \"rmax\": 0}], \"no\": [], \"z\": "
			   "[{\"scale\": 1}], \"v\": [{\"what\": 1}]}";
	struct reading r = {.f = fixture_make(MODEL)};
	struct error err = ERROR_INIT;

	cr_assert_not(overrides_load(&r.out, r.f.graph, r.f.plan->options, json,
		strlen(json), "o.json", &r.problems, &err));
	cr_assert_eq(r.problems.count, 4);
	for (size_t i = 0; i < 4; i++)
		cr_assert_str_eq(r.problems.items[i].id, ids[i]);
	release(&r);
}

Test(plan_overrides, a_wrong_receiver_is_told_the_readers)
{
	const char *json = "{\"y\": [{\"convert\": {\"quant_type\": \"u16\", "
			   "\"recv_nodes\": [\"Op44\"]}}]}";
	struct reading r = read_text(json, strlen(json));

	cr_assert_str_eq(r.problems.items[0].cause,
		"'Op44' does not read this tensor; its readers are Op4, Op7");
	release(&r);
}

Test(plan_overrides, hostile_depth_and_bytes)
{
	enum { DEPTH = 100000 };
	char *deep = malloc(DEPTH + 8);
	struct reading r;

	memset(deep, '[', DEPTH);
	r = read_text(deep, DEPTH);
	cr_assert_not(r.read);
	release(&r);
	memcpy(deep, "{\"y\0\": []}", 10);
	r = read_text(deep, 10);
	cr_assert_not(r.read);
	release(&r);
	free(deep);
}

Test(plan_overrides, lines_of_tensors)
{
	const char *json = "{\"W\": [{\"axis\": 0}, {}], \"y\": [{\"symmetric\": true}]}";
	struct reading r = read_text(json, strlen(json));
	uint32_t *line = calloc(r.f.graph->tensor_count, sizeof(*line));
	size_t length;
	char *text = overrides_write(&r.out, r.f.graph, &length, line);

	cr_assert_eq(line[tensor_of(&r.f, "W")], 2);
	cr_assert_eq(line[tensor_of(&r.f, "y")], 6);
	free(text);
	free(line);
	release(&r);
}

/* Overrides of the fixture brought to another graph: as text, and what is told. */
static void expect_rebound(const char *json, const char *graph, const char *wanted,
	struct problem_list *problems)
{
	struct reading r = read_text(json, strlen(json));
	struct fixture other = fixture_make(graph);
	struct overrides moved;
	struct error err = ERROR_INIT;
	char *text;
	size_t length;

	cr_assert(overrides_rebind(
		&moved, &r.out, r.f.graph, other.graph, false, problems, &err));
	text = overrides_write(&moved, other.graph, &length, NULL);
	cr_expect_str_eq(text, wanted);
	free(text);
	overrides_release(&moved);
	fixture_free(&other);
	release(&r);
}

Test(plan_overrides, rebinding_by_name)
{
	struct problem_list problems = {0};

	expect_rebound("{\"y\": [{\"convert\": {\"quant_type\": \"u16\", "
		       "\"recv_nodes\": [\"Op4\", \"Op7\"]}}], \"v\": [{}]}",
		"Op7 Cos y -> q\nOp4 Cos y -> w\n!w\n!q\n",
		"{\n  \"y\": [{\"convert\": {\"quant_type\": \"QUInt16\", "
		"\"recv_nodes\": [\"Op4\", \"Op7\"]}}]\n}\n",
		&problems);
	cr_assert_eq(problems.count, 1);
	problem_clear(&problems);
}

/* Without receivers it would be meant for all readers. */
Test(plan_overrides, rebinding_drops_a_conversion_without_readers)
{
	struct problem_list problems = {0};

	expect_rebound("{\"y\": [{\"quant_type\": \"u8\", \"convert\": "
		       "{\"quant_type\": \"u16\", \"recv_nodes\": [\"Op4\"]}}]}",
		"Op7 Cos y -> q\n!q\n", "{\n  \"y\": [{\"quant_type\": \"QUInt8\"}]\n}\n",
		&problems);
	cr_assert_eq(problems.count, 2);
	cr_expect_str_eq(problems.items[1].id, REBIND_CONVERSION);
	cr_expect_str_eq(problems.items[1].place, "'y'");
	problem_clear(&problems);
}
