#include "ort/tap.h"

#include <stdlib.h>
#include <string.h>

enum { OP_COUNT = 4, TYPE_FLOAT = 1, TYPE_FLOAT16 = 10, RECORD_VERSION = 18 };

/* The library's record of a custom operator, fields in its order; `self` is the record.
 * Fields from the version on that stands beside them are read. */
struct op_record {
	uint32_t version;
	void *create_kernel_old;
	const char *(*name)(const struct op_record *self);
	const char *(*provider)(const struct op_record *self);
	int (*input_type)(const struct op_record *self, size_t index);
	size_t (*input_count)(const struct op_record *self);
	int (*output_type)(const struct op_record *self, size_t index);
	size_t (*output_count)(const struct op_record *self);
	void *compute_old;
	void (*destroy_kernel)(void *kernel);
	int (*input_characteristic)(const struct op_record *self, size_t index);
	int (*output_characteristic)(const struct op_record *self, size_t index);
	int (*input_memory)(const struct op_record *self, size_t index);
	int (*variadic_input_minimum)(const struct op_record *self);
	int (*variadic_input_alike)(const struct op_record *self);
	int (*variadic_output_minimum)(const struct op_record *self);
	int (*variadic_output_alike)(const struct op_record *self);
	ort_status (*create_kernel)(const struct op_record *self, const void *api,
		const ort_object *info, void **kernel); /* 16 */
	ort_status (*compute)(void *kernel, ort_object *context);
	ort_status (*infer_shape)(const struct op_record *self, ort_object *context);
	int (*first_version)(const struct op_record *self); /* 17 */
	int (*last_version)(const struct op_record *self);
	size_t (*may_reuse)(int **inputs, int **outputs); /* 18 */
	void (*free_may_reuse)(int *inputs, int *outputs);
	size_t (*aliases)(int **inputs, int **outputs);
	void (*free_aliases)(int *inputs, int *outputs);
};

/* One operator of a session's domain. */
struct tap_op {
	struct op_record record; /* first: the library hands it back */
	const char *op_name;
	int type;
	bool changes;
	const struct ort_taps *taps;
	const struct ort_api *api;
};

struct ort_tap_domain {
	struct tap_op ops[OP_COUNT];
	const struct ort_api *api;
	ort_object *domain;
};

struct tap_kernel {
	const struct tap_op *op;
	int64_t index;
};

static _Thread_local struct ort_tap_run *current_run;

void ort_tap_set_run(struct ort_tap_run *run)
{
	current_run = run;
}

static const struct tap_op *op_of(const struct op_record *self)
{
	return (const struct tap_op *)self;
}

static const char *op_name(const struct op_record *self)
{
	return op_of(self)->op_name;
}

static const char *op_provider(const struct op_record *self)
{
	(void)self;
	return "CPUExecutionProvider";
}

static int op_type(const struct op_record *self, size_t index)
{
	(void)index;
	return op_of(self)->type;
}

static size_t op_one(const struct op_record *self)
{
	(void)self;
	return 1;
}

static int op_required(const struct op_record *self, size_t index)
{
	(void)self, (void)index;
	return 0;
}

static int op_default(const struct op_record *self)
{
	(void)self;
	return 1;
}

static size_t op_pair(int **inputs, int **outputs)
{
	*inputs = calloc(1, sizeof(int));
	*outputs = calloc(1, sizeof(int));
	if (*inputs && *outputs)
		return 1;
	free(*inputs);
	free(*outputs);
	*inputs = *outputs = NULL;
	return 0;
}

static size_t op_no_pair(int **inputs, int **outputs)
{
	*inputs = *outputs = NULL;
	return 0;
}

static void op_free_pair(int *inputs, int *outputs)
{
	free(inputs);
	free(outputs);
}

static ort_status create_kernel(const struct op_record *self, const void *table,
	const ort_object *info, void **kernel)
{
	const struct ort_api *api = op_of(self)->api;
	struct tap_kernel *made = malloc(sizeof(*made));
	ort_status status;

	(void)table;
	if (!made)
		return api->CreateStatus(1, "out of memory for a tap");
	made->op = op_of(self);
	status = api->KernelInfoGetAttribute_int64(info, "index", &made->index);
	if (status)
		free(made);
	else
		*kernel = made;
	return status;
}

static void destroy_kernel(void *kernel)
{
	free(kernel);
}

/* Releases before 1.24 have no view of type and shape without an object of its own. */
static ort_status read_shape(const struct ort_api *api, const ort_object *value,
	int *type, struct ort_tensor *view, int64_t room[ORT_RANK_LIMIT])
{
	ort_object *info = NULL;
	ort_status status;

	if (api->GetTensorElementTypeAndShapeDataReference)
		return api->GetTensorElementTypeAndShapeDataReference(
			value, type, &view->dims, &view->rank);
	status = api->GetTensorTypeAndShape(value, &info);
	if (!status)
		status = api->GetTensorElementType(info, type);
	if (!status)
		status = api->GetDimensionsCount(info, &view->rank);
	if (!status && view->rank <= ORT_RANK_LIMIT)
		status = api->GetDimensions(info, room, view->rank);
	api->ReleaseTensorTypeAndShapeInfo(info);
	view->dims = room;
	return status;
}

bool ort_value_view(const struct ort_api *api, const ort_object *value,
	struct ort_tensor *view, int64_t room[ORT_RANK_LIMIT], struct error *err)
{
	int type = 0;
	void *data = NULL;

	memset(view, 0, sizeof(*view));
	if (!ort_api_check(api, read_shape(api, value, &type, view, room), "value", err))
		return false;
	if (view->rank > ORT_RANK_LIMIT)
		return error_set(err, ERROR_REFUSED,
			"value: a rank of %zu, at most %d are read; leave that node out "
			"with --nodes-to-exclude",
			view->rank, ORT_RANK_LIMIT);
	view->type = ort_api_type(type);
	view->count = 1;
	for (size_t i = 0; i < view->rank; i++)
		view->count *= (uint64_t)view->dims[i];
	if (!ort_api_check(api, api->GetTensorMutableData((ort_object *)value, &data),
		    "value", err))
		return false;
	view->data = data;
	return true;
}

/* The view of a tap's input, and the memory of its output. */
static bool open_value(const struct ort_api *api, ort_object *context,
	struct ort_tensor *view, void **out, struct error *err)
{
	const ort_object *input = NULL;
	ort_object *output = NULL;
	int64_t room[ORT_RANK_LIMIT];

	if (!ort_api_check(
		    api, api->KernelContext_GetInput(context, 0, &input), "tap", err))
		return false;
	if (!input)
		return error_set(err, ERROR_REFUSED,
			"tap: an optional value is absent where one is measured; give "
			"samples with which it is there");
	if (!ort_value_view(api, input, view, room, err))
		return false;
	view->bytes = view->count * (view->type == TYPE_FLOAT ? 4 : 2);
	return ort_api_check(api,
		       api->KernelContext_GetOutput(
			       context, 0, view->dims, view->rank, &output),
		       "tap", err) &&
	       ort_api_check(api, api->GetTensorMutableData(output, out), "tap", err);
}

static bool call_tap(const struct tap_kernel *kernel, struct ort_tap_run *run,
	const struct ort_tensor *view, void *out)
{
	const struct ort_taps *taps = kernel->op->taps;

	if (kernel->op->changes && taps->change)
		return taps->change(run->arg, kernel->index, view, out, &run->error);
	if (!kernel->op->changes && taps->observe &&
		!taps->observe(run->arg, kernel->index, view, &run->error))
		return false;
	if (out != view->data && view->bytes)
		memcpy(out, view->data, view->bytes);
	return true;
}

static ort_status compute(void *opaque, ort_object *context)
{
	const struct tap_kernel *kernel = opaque;
	const struct ort_api *api = kernel->op->api;
	struct ort_tap_run *run = current_run;
	struct ort_tensor view;
	void *out = NULL;

	if (!run)
		return api->CreateStatus(1, "a tap was called on a foreign thread");
	if (open_value(api, context, &view, &out, &run->error) &&
		call_tap(kernel, run, &view, out))
		return NULL;
	return api->CreateStatus(1, run->error.text);
}

static void fill_op(struct tap_op *op, const char *name, int type, bool changes)
{
	op->op_name = name;
	op->type = type;
	op->changes = changes;
	op->record = (struct op_record){
		.version = RECORD_VERSION,
		.name = op_name,
		.provider = op_provider,
		.input_type = op_type,
		.input_count = op_one,
		.output_type = op_type,
		.output_count = op_one,
		.destroy_kernel = destroy_kernel,
		.input_characteristic = op_required,
		.output_characteristic = op_required,
		.input_memory = op_required,
		.variadic_input_minimum = op_default,
		.variadic_input_alike = op_default,
		.variadic_output_minimum = op_default,
		.variadic_output_alike = op_default,
		.create_kernel = create_kernel,
		.compute = compute,
		.first_version = op_default,
		.last_version = op_default,
		.may_reuse = changes ? op_pair : op_no_pair,
		.free_may_reuse = op_free_pair,
		.aliases = changes ? op_no_pair : op_pair,
		.free_aliases = op_free_pair,
	};
}

static bool fill_domain(
	struct ort_tap_domain *domain, ort_object *options, struct error *err)
{
	const struct ort_api *api = domain->api;

	if (!ort_api_check(api,
		    api->CreateCustomOpDomain(ORT_TAP_DOMAIN, &domain->domain), "taps",
		    err))
		return false;
	for (size_t i = 0; i < OP_COUNT; i++)
		if (!ort_api_check(api,
			    api->CustomOpDomain_Add(
				    domain->domain, &domain->ops[i].record),
			    "taps", err))
			return false;
	return ort_api_check(
		api, api->AddCustomOpDomain(options, domain->domain), "taps", err);
}

struct ort_tap_domain *ort_tap_domain_new(struct ort_runtime *runtime,
	const struct ort_taps *taps, ort_object *options, struct error *err)
{
	struct ort_tap_domain *domain = calloc(1, sizeof(*domain));

	if (!domain) {
		error_set_memory(err, "taps");
		return NULL;
	}
	domain->api = &runtime->api;
	fill_op(&domain->ops[0], ORT_TAP_OBSERVE, TYPE_FLOAT, false);
	fill_op(&domain->ops[1], ORT_TAP_OBSERVE_F16, TYPE_FLOAT16, false);
	fill_op(&domain->ops[2], ORT_TAP_CHANGE, TYPE_FLOAT, true);
	fill_op(&domain->ops[3], ORT_TAP_CHANGE_F16, TYPE_FLOAT16, true);
	for (size_t i = 0; i < OP_COUNT; i++) {
		domain->ops[i].taps = taps;
		domain->ops[i].api = &runtime->api;
	}
	if (fill_domain(domain, options, err))
		return domain;
	ort_tap_domain_free(domain);
	return NULL;
}

void ort_tap_domain_free(struct ort_tap_domain *domain)
{
	if (!domain)
		return;
	domain->api->ReleaseCustomOpDomain(domain->domain);
	free(domain);
}
