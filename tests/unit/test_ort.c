/* The runtime: found, opened, run, stopped; taps; and that it tells nobody. */
#include "base/log.h"
#include "ort/find.h"
#include "ort/ort.h"
#include "support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct ort_runtime *open_runtime(void)
{
	struct error err = ERROR_INIT;
	struct ort_runtime *runtime = ort_runtime_open(test_need_ort(), NULL, &err);

	cr_assert(runtime, "%s", err.text);
	return runtime;
}

/* ---- small models, encoded by hand */

struct wire {
	unsigned char bytes[8192];
	size_t count;
};

static void put_varint(struct wire *wire, uint64_t value)
{
	do
		wire->bytes[wire->count++] =
			(unsigned char)((value & 127) | (value > 127 ? 128 : 0));
	while (value >>= 7);
}

static void put_int(struct wire *wire, unsigned field, uint64_t value)
{
	put_varint(wire, field << 3);
	put_varint(wire, value);
}

static void put_bytes(struct wire *wire, unsigned field, const void *bytes, size_t count)
{
	put_varint(wire, field << 3 | 2);
	put_varint(wire, count);
	memcpy(wire->bytes + wire->count, bytes, count);
	wire->count += count;
}

static void put_text(struct wire *wire, unsigned field, const char *text)
{
	put_bytes(wire, field, text, strlen(text));
}

static void put_wire(struct wire *wire, unsigned field, const struct wire *inner)
{
	put_bytes(wire, field, inner->bytes, inner->count);
}

/* in -> op -> out; `index` is an attribute of taps. */
static void put_node(struct wire *graph, const char *op, const char *domain,
	const char *in, const char *out, int index)
{
	struct wire node = {.count = 0}, attribute = {.count = 0};

	put_text(&node, 1, in);
	put_text(&node, 2, out);
	put_text(&node, 3, out);
	put_text(&node, 4, op);
	put_text(&node, 7, domain);
	if (index >= 0) {
		put_text(&attribute, 1, "index");
		put_int(&attribute, 3, (uint64_t)index);
		put_int(&attribute, 20, 2);
		put_wire(&node, 5, &attribute);
	}
	put_wire(graph, 1, &node);
}

/* A value of element type `type` and one free dimension. */
static void put_value(struct wire *graph, unsigned field, const char *name, int type)
{
	struct wire value = {.count = 0}, holder = {.count = 0}, tensor = {.count = 0};
	struct wire shape = {.count = 0}, dim = {.count = 0};

	put_text(&dim, 2, "N");
	put_wire(&shape, 1, &dim);
	put_int(&tensor, 1, (uint64_t)type);
	put_wire(&tensor, 2, &shape);
	put_wire(&holder, 1, &tensor);
	put_text(&value, 1, name);
	put_wire(&value, 2, &holder);
	put_wire(graph, field, &value);
}

static void put_opset(struct wire *model, const char *domain, unsigned version)
{
	struct wire opset = {.count = 0};

	put_text(&opset, 1, domain);
	put_int(&opset, 2, version);
	put_wire(model, 8, &opset);
}

/* X -> nodes of `graph` -> Y */
static struct wire finish_model(struct wire *graph, int type)
{
	struct wire model = {.count = 0};

	put_text(graph, 2, "g");
	put_value(graph, 11, "X", type);
	put_value(graph, 12, "Y", type);
	put_int(&model, 1, 8);
	put_wire(&model, 7, graph);
	put_opset(&model, "", 17);
	put_opset(&model, ORT_TAP_DOMAIN, 1);
	return model;
}

static struct ort_session *open_wire(struct ort_runtime *runtime,
	const struct wire *model, const struct ort_session_options *options,
	struct error *err)
{
	struct ort_source source = {
		.name = "tiny.onnx", .bytes = model->bytes, .size = model->count};

	return ort_session_open(runtime, &source, options, NULL, err);
}

static float sample_x[4] = {-2, 0.5, 3, -0.25};
static const int64_t sample_dims[1] = {4};
static const struct ort_input sample_input = {
	"X", {sample_x, sizeof(sample_x), 4, sample_dims, 1, 1}};

/* ---- opening */

Test(ort, opens_and_names_itself)
{
	struct ort_runtime *runtime = open_runtime();

	cr_assert(strstr(ort_runtime_path(runtime), "libonnxruntime.so"));
	cr_assert_eq(strncmp(ort_runtime_version(runtime), "1.", 2), 0);
	ort_runtime_close(runtime);
}

Test(ort, says_how_to_get_it)
{
	struct error err = ERROR_INIT;

	setenv("QDQEDIT_ORT_LIB", "/nowhere/libonnxruntime.so", 1);
	cr_assert_null(ort_runtime_open(NULL, NULL, &err));
	cr_assert(strstr(err.text, "QDQEDIT_ORT_LIB '/nowhere/"), "%s", err.text);
	cr_assert(strstr(err.text, "--with-runtime"), "%s", err.text);
	cr_assert(strstr(err.text, "pip install onnxruntime"), "%s", err.text);
	error_clear(&err);
	cr_assert_null(ort_runtime_open(test_folder(), NULL, &err));
	cr_assert(strstr(err.text, "--ort-lib"), "%s", err.text);
	cr_assert(strstr(err.text, "holds no libonnxruntime.so"), "%s", err.text);
}

Test(ort, refuses_other_libraries)
{
	struct ort_candidate_list tried = {0};
	struct error err = ERROR_INIT;

	cr_assert_null(ort_runtime_open("libm.so.6", &tried, &err));
	cr_assert(strstr(err.text, "not an ONNX Runtime library"), "%s", err.text);
	cr_assert_eq(tried.count, 1);
	cr_assert_str_eq(tried.items[0].path, "libm.so.6");
	ort_candidates_release(&tried);
	error_clear(&err);
	test_write_text(test_path("libonnxruntime.so"), "text");
	cr_assert_null(ort_runtime_open(test_path("libonnxruntime.so"), NULL, &err));
	cr_assert(strstr(err.text, "libonnxruntime.so"), "%s", err.text);
}

struct seen_paths {
	char *paths[64];
	size_t count;
};

static bool see_path(void *arg, const char *path)
{
	struct seen_paths *seen = arg;

	if (seen->count < 64)
		seen->paths[seen->count++] = strdup(path);
	return false;
}

static size_t place_of(const struct seen_paths *seen, const char *part)
{
	for (size_t i = 0; i < seen->count; i++)
		if (strstr(seen->paths[i], part))
			return i;
	return SIZE_MAX;
}

Test(ort, searches_versions_as_numbers)
{
	struct seen_paths seen = {.count = 0};

	test_write_text(test_path("libonnxruntime.so.1.9.0"), "");
	test_write_text(test_path("libonnxruntime.so.1.17.0"), "");
	test_write_text(test_path("libonnxruntime_providers_shared.so"), "");
	cr_assert_not(ort_find_named(test_folder(), see_path, &seen));
	cr_assert_eq(seen.count, 2);
	cr_assert(strstr(seen.paths[0], "1.17.0"));
	cr_assert(strstr(seen.paths[1], "1.9.0"));
}

/* Folders with odd names, a Python on PATH, a venv; nothing of the working folder. */
Test(ort, searches_pythons)
{
	static const char capi[] = "lib/python3.11/site-packages/onnxruntime/capi";
	struct seen_paths seen = {.count = 0};
	char *path;

	TEST_RUN("mkdir", "-p", test_path("v[1]/%s", capi), test_path("p*/%s", capi),
		test_path("p*/bin"));
	test_write_text(test_path("v[1]/%s/libonnxruntime.so.1.32.0", capi), "");
	test_write_text(test_path("p*/%s/libonnxruntime.so.1.31.0", capi), "");
	test_write_text(test_path("libonnxruntime.so.1.30.0"), "");
	test_write_text(test_path("p*/bin/python3"), "");
	cr_assert_eq(chmod(test_path("p*/bin/python3"), 0700), 0);
	cr_assert_eq(chdir(test_folder()), 0);
	path = test_text(".:%s", test_path("p*/bin"));
	setenv("PATH", path, 1);
	setenv("VIRTUAL_ENV", test_path("v[1]"), 1);
	cr_assert_not(ort_find_anywhere(see_path, &seen));
	cr_assert_lt(place_of(&seen, "v[1]"), place_of(&seen, "p*/bin/../lib"));
	cr_assert_neq(place_of(&seen, "p*/bin/../lib"), SIZE_MAX);
	cr_assert_eq(place_of(&seen, "1.30.0"), SIZE_MAX);
	cr_assert_eq(place_of(&seen, "libonnxruntime.so.1"), 0);
}

/* ---- running */

Test(ort, runs_a_model)
{
	struct ort_runtime *runtime = open_runtime();
	struct wire graph = {.count = 0}, model;
	struct ort_session_options options = {.level = 99};
	struct error err = ERROR_INIT;
	struct ort_session *session;
	struct ort_results results;
	const struct ort_port *port;
	size_t count;

	put_node(&graph, "Relu", "", "X", "Y", -1);
	model = finish_model(&graph, 1);
	session = open_wire(runtime, &model, &options, &err);
	cr_assert(session, "%s", err.text);
	port = ort_session_inputs(session, &count);
	cr_assert_eq(count, 1);
	cr_assert_str_eq(port->name, "X");
	cr_assert(port->type == 1 && port->rank == 1 && port->dims[0] == -1);
	cr_assert(
		ort_run(session,
			&(struct ort_request){.inputs = &sample_input, .input_count = 1},
			&results, &err),
		"%s", err.text);
	cr_assert_eq(results.count, 1);
	cr_assert(results.tensors[0].type == 1 && results.tensors[0].bytes == 16);
	cr_assert_arr_eq(results.tensors[0].data, ((float[4]){0, 0.5, 3, 0}), 16);
	ort_results_release(session, &results);
	ort_session_free(session);
	ort_runtime_close(runtime);
}

Test(ort, tells_what_is_wrong_in_one_line)
{
	struct ort_runtime *runtime = open_runtime();
	struct ort_session_options options = {.level = 0};
	struct wire graph = {.count = 0}, model;
	struct error err = ERROR_INIT;
	uint64_t before = log_newest();
	struct ort_session *session;

	put_node(&graph, "NoSuchOperator", "", "X", "Y", -1);
	model = finish_model(&graph, 1);
	cr_assert_null(open_wire(runtime, &model, &options, &err));
	cr_assert_eq(err.kind, ERROR_REFUSED);
	cr_assert(strstr(err.text, "tiny.onnx: "), "%s", err.text);
	cr_assert(strstr(err.text, "NoSuchOperator"), "%s", err.text);
	cr_assert_null(strchr(err.text, '\n'));
	cr_assert_gt(log_newest(), before);
	error_clear(&err);
	graph.count = 0;
	put_node(&graph, "Relu", "", "X", "Y", -1);
	model = finish_model(&graph, 1);
	session = open_wire(runtime, &model, &options, &err);
	cr_assert_not(ort_run(session, &(struct ort_request){0}, NULL, &err));
	cr_assert(strstr(err.text, "X"), "%s", err.text);
	ort_session_free(session);
}

/* ---- taps */

struct tapped {
	float low[4], high[4];
	int calls;
	int fail_at;
};

static bool observe(
	void *arg, int64_t index, const struct ort_tensor *value, struct error *err)
{
	struct tapped *tapped = arg;
	const float *x = value->data;

	if (++tapped->calls == tapped->fail_at)
		return error_set(err, ERROR_REFUSED, "tap %d has had enough", (int)index);
	for (uint64_t i = 0; i < value->count; i++) {
		if (!i || x[i] < tapped->low[index])
			tapped->low[index] = x[i];
		if (!i || x[i] > tapped->high[index])
			tapped->high[index] = x[i];
	}
	return true;
}

/* Doubles, so that the order of taps can be told. */
static bool change(void *arg, int64_t index, const struct ort_tensor *value, void *out,
	struct error *err)
{
	const float *x = value->data;
	float *y = out;

	(void)arg, (void)index, (void)err;
	for (uint64_t i = 0; i < value->count; i++)
		y[i] = 2 * x[i];
	return true;
}

static const struct ort_taps taps = {observe, change};

/* X -> Neg -> n0 -> Observe 0 -> n1 -> Change 1 -> n2 -> Neg -> n3 -> Observe 2 -> Y */
static struct ort_session *open_tapped(struct ort_runtime *runtime)
{
	struct ort_session_options options = {.level = 0, .taps = &taps};
	struct wire graph = {.count = 0}, model;
	struct error err = ERROR_INIT;
	struct ort_session *session;

	put_node(&graph, "Neg", "", "X", "n0", -1);
	put_node(&graph, ORT_TAP_OBSERVE, ORT_TAP_DOMAIN, "n0", "n1", 0);
	put_node(&graph, ORT_TAP_CHANGE, ORT_TAP_DOMAIN, "n1", "n2", 1);
	put_node(&graph, "Neg", "", "n2", "n3", -1);
	put_node(&graph, ORT_TAP_OBSERVE, ORT_TAP_DOMAIN, "n3", "Y", 2);
	model = finish_model(&graph, 1);
	session = open_wire(runtime, &model, &options, &err);
	cr_assert(session, "%s", err.text);
	return session;
}

Test(ort, taps_see_and_change_values)
{
	struct ort_runtime *runtime = open_runtime();
	struct ort_session *session = open_tapped(runtime);
	struct tapped tapped = {.fail_at = 0};
	struct error err = ERROR_INIT;
	struct ort_results results;

	cr_assert(ort_run(session,
			  &(struct ort_request){.inputs = &sample_input,
				  .input_count = 1,
				  .tap_arg = &tapped},
			  &results, &err),
		"%s", err.text);
	cr_assert_eq(tapped.calls, 2);
	cr_assert(tapped.low[0] == -3 && tapped.high[0] == 2);
	cr_assert(tapped.low[2] == -4 && tapped.high[2] == 6);
	cr_assert_arr_eq(results.tensors[0].data, ((float[4]){-4, 1, 6, -0.5}), 16);
	cr_assert_eq(sample_x[0], -2, "the input is untouched");
	ort_results_release(session, &results);
	ort_session_free(session);
	ort_runtime_close(runtime);
}

Test(ort, taps_end_the_run)
{
	struct ort_runtime *runtime = open_runtime();
	struct ort_session *session = open_tapped(runtime);
	struct tapped tapped = {.fail_at = 2};
	struct error err = ERROR_INIT;

	cr_assert_not(ort_run(session,
		&(struct ort_request){
			.inputs = &sample_input, .input_count = 1, .tap_arg = &tapped},
		NULL, &err));
	cr_assert_str_eq(err.text, "tap 2 has had enough");
	ort_session_free(session);
}

/* Two threads over one session, each with records of its own. */
static void *run_many(void *arg)
{
	struct ort_session *session = arg;
	struct tapped *tapped = calloc(1, sizeof(*tapped));
	struct error err = ERROR_INIT;

	for (int i = 0; i < 200; i++)
		ort_run(session,
			&(struct ort_request){.inputs = &sample_input,
				.input_count = 1,
				.tap_arg = tapped},
			NULL, &err);
	return tapped;
}

Test(ort, taps_of_parallel_runs_are_apart)
{
	struct ort_session *session = open_tapped(open_runtime());
	pthread_t threads[2];
	void *tapped;

	for (int i = 0; i < 2; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, run_many, session), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], &tapped);
		cr_assert_eq(((struct tapped *)tapped)->calls, 400);
	}
}

Test(ort, taps_take_half_precision)
{
	struct ort_runtime *runtime = open_runtime();
	struct ort_session_options options = {.level = 0, .taps = &taps};
	struct wire graph = {.count = 0}, model;
	struct tapped tapped = {.fail_at = 1};
	uint16_t x[4] = {0xc000, 0x3800, 0x4200, 0xb400};
	struct ort_input input = {"X", {x, sizeof(x), 4, sample_dims, 1, 10}};
	struct error err = ERROR_INIT;
	struct ort_session *session;

	put_node(&graph, "Identity", "", "X", "n0", -1);
	put_node(&graph, ORT_TAP_OBSERVE_F16, ORT_TAP_DOMAIN, "n0", "Y", 3);
	model = finish_model(&graph, 10);
	session = open_wire(runtime, &model, &options, &err);
	cr_assert(session, "%s", err.text);
	cr_assert_not(ort_run(session,
		&(struct ort_request){
			.inputs = &input, .input_count = 1, .tap_arg = &tapped},
		NULL, &err));
	cr_assert_str_eq(err.text, "tap 3 has had enough");
	ort_session_free(session);
}

/* ---- stopping */

Test(ort, stops_before_and_within)
{
	struct error err = ERROR_INIT;
	struct ort_stop *stop = ort_stop_new(&err);
	struct ort_session *session = open_tapped(open_runtime());

	cr_assert_not(ort_stop_raised(stop));
	ort_stop_raise(stop);
	cr_assert_not(ort_run(session,
		&(struct ort_request){
			.inputs = &sample_input, .input_count = 1, .stop = stop},
		NULL, &err));
	cr_assert_eq(err.kind, ERROR_CANCELLED);
	ort_stop_free(stop);
}

Test(ort, stops_loading)
{
	struct error err = ERROR_INIT;
	struct ort_stop *stop = ort_stop_new(&err);
	struct ort_source source = {
		.name = "mixed8", .path = test_source("data/demos/mixed8/model.onnx")};
	struct ort_runtime *runtime = open_runtime();

	ort_stop_raise(stop);
	cr_assert_null(ort_session_open(
		runtime, &source, &(struct ort_session_options){.level = 0}, stop, &err));
	cr_assert_eq(err.kind, ERROR_CANCELLED);
}

/* ---- telemetry: no file under HOME or in /tmp, no socket, no thread left behind */

static size_t entries(const char *folder, const char *prefix)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	cr_assert(dir, "%s", folder);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.' &&
			 !strncmp(entry->d_name, prefix, strlen(prefix));
	closedir(dir);
	return count;
}

static size_t sockets(void)
{
	char target[256];
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++) {
		ssize_t length = readlink(
			test_text("/proc/self/fd/%d", fd), target, sizeof(target) - 1);

		count += length > 0 && !strncmp(target, "socket:", 7);
	}
	return count;
}

/* Files at any depth, hidden ones too. */
static size_t files_below(const char *folder)
{
	struct test_result found = TEST_RUN("find", folder, "-type", "f");
	size_t count = 0;

	for (const char *at = found.out; *at; at++)
		count += *at == '\n';
	return count;
}

Test(ort, tells_nobody)
{
	const char *home = test_path("home");
	size_t sockets_before, threads_before = entries("/proc/self/task", "");
	struct ort_session *session;
	struct tapped tapped = {.fail_at = 0};
	struct error err = ERROR_INIT;

	test_need_ort();
	cr_assert_eq(mkdir(home, 0700), 0);
	setenv("HOME", home, 1);
	unsetenv("XDG_CACHE_HOME");
	setenv("ORT_DISABLE_TELEMETRY", "0", 1); /* is overwritten */
	sockets_before = sockets();
	session = open_tapped(open_runtime());
	cr_assert(ort_run(session,
		&(struct ort_request){
			.inputs = &sample_input, .input_count = 1, .tap_arg = &tapped},
		NULL, &err));
	nanosleep(&(struct timespec){0, 300000000}, NULL);
	cr_assert_eq(files_below(home), 0);
	cr_assert_eq(sockets(), sockets_before);
	cr_assert_eq(entries("/proc/self/task", ""), threads_before);
	cr_assert_eq(entries("/tmp", test_text("mat-debug-%d", (int)getpid())), 0);
}
