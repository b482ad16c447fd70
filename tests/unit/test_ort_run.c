/* The runtime: run, stopped; taps; and that it tells nobody. */
#include "base/log.h"
#include "build.h"
#include "ort/ort.h"
#include "support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <pthread.h>
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

/* ---- small models */

/* X and Y of element type `type` and one free dimension; without nodes. */
static Onnx__ModelProto *model_of(int32_t type)
{
	Onnx__ModelProto *model = proto_model(17);

	proto_import(model, ORT_TAP_DOMAIN, 1);
	proto_input(model->graph, "X", type, "N");
	proto_output(model->graph, "Y", type, "N");
	return model;
}

static void put_tap(Onnx__ModelProto *model, const char *op, const char *in,
	const char *out, int64_t index)
{
	Onnx__NodeProto *node = proto_node(model->graph, op, out, in, out);

	node->has_domain = true;
	node->domain = proto_text(ORT_TAP_DOMAIN);
	proto_int(node, "index", index);
}

static struct ort_session *open_model(struct ort_runtime *runtime,
	const Onnx__ModelProto *model, const struct ort_session_options *options,
	struct error *err)
{
	struct ort_source source = {.name = "tiny.onnx"};

	source.bytes = proto_bytes(model, &source.size);
	return ort_session_open(runtime, &source, options, NULL, err);
}

static float sample_x[4] = {-2, 0.5, 3, -0.25};
static const int64_t sample_dims[1] = {4};
static const struct ort_input sample_input = {
	"X", {sample_x, sizeof(sample_x), 4, sample_dims, 1, 1}};

/* ---- running */

Test(ort, runs_a_model)
{
	struct ort_runtime *runtime = open_runtime();
	Onnx__ModelProto *model = model_of(ELEMENT_FLOAT);
	struct ort_session_options options = {.level = 99};
	struct error err = ERROR_INIT;
	struct ort_session *session;
	struct ort_results results;
	const struct ort_port *port;
	size_t count;

	proto_node(model->graph, "Relu", "", "X", "Y");
	session = open_model(runtime, model, &options, &err);
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
	Onnx__ModelProto *model = model_of(ELEMENT_FLOAT);
	struct error err = ERROR_INIT;
	struct log_line lines[LOG_LINES];
	size_t before = log_read(0, lines, LOG_LINES);
	struct ort_session *session;

	proto_node(model->graph, "NoSuchOperator", "", "X", "Y");
	cr_assert_null(open_model(runtime, model, &options, &err));
	cr_assert_eq(err.kind, ERROR_REFUSED);
	cr_assert(strstr(err.text, "tiny.onnx: "), "%s", err.text);
	cr_assert(strstr(err.text, "NoSuchOperator"), "%s", err.text);
	cr_assert_null(strchr(err.text, '\n'));
	cr_assert_gt(log_read(0, lines, LOG_LINES), before);
	error_clear(&err);
	model = model_of(ELEMENT_FLOAT);
	proto_node(model->graph, "Relu", "", "X", "Y");
	session = open_model(runtime, model, &options, &err);
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
	Onnx__ModelProto *model = model_of(ELEMENT_FLOAT);
	struct error err = ERROR_INIT;
	struct ort_session *session;

	proto_node(model->graph, "Neg", "", "X", "n0");
	put_tap(model, ORT_TAP_OBSERVE, "n0", "n1", 0);
	put_tap(model, ORT_TAP_CHANGE, "n1", "n2", 1);
	proto_node(model->graph, "Neg", "", "n2", "n3");
	put_tap(model, ORT_TAP_OBSERVE, "n3", "Y", 2);
	session = open_model(runtime, model, &options, &err);
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
	Onnx__ModelProto *model = model_of(ELEMENT_FLOAT16);
	struct tapped tapped = {.fail_at = 1};
	uint16_t x[4] = {0xc000, 0x3800, 0x4200, 0xb400};
	struct ort_input input = {"X", {x, sizeof(x), 4, sample_dims, 1, 10}};
	struct error err = ERROR_INIT;
	struct ort_session *session;

	proto_node(model->graph, "Identity", "", "X", "n0");
	put_tap(model, ORT_TAP_OBSERVE_F16, "n0", "Y", 3);
	session = open_model(runtime, model, &options, &err);
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
