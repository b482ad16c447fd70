#include "job/load.h"

#include "base/output.h"
#include "base/text.h"
#include "job/demos.h"
#include "plan/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Overrides, ranges and seed files beyond this are refused before they are read. */
enum { TEXT_LIMIT = 1 << 28 };

bool session_load_overrides(struct session *session, const char *path,
	struct problem_list *problems, struct error *err)
{
	size_t length;
	char *json = input_read(path, TEXT_LIMIT, &length, err);
	bool fine = json && (!session->quantized || plan_clear(session->plan, err)) &&
		    plan_load_overrides(session->plan, json, length, path, problems, err);

	free(json);
	return fine;
}

/* A calibration of a quantized model names the tensors of the float model it stands for,
 * or, with --ort-compatible, those of the file: either is taken. */
static bool take_both_names(
	const struct session *session, struct ranges *ranges, struct error *err)
{
	struct qdq *found;
	bool fine;

	if (session->quantized)
		return qdq_fill_ranges(
			ranges, session->graph, session->quantized->qdq, err);
	if (!session->literal || session->plan->options->ort_compatible ||
		!qdq_is_quantized(session->input))
		return true;
	found = qdq_find(session->graph, err);
	fine = found && qdq_fill_ranges(ranges, session->graph, found, err);
	qdq_free(found);
	return fine;
}

/* The ranges of a quantized model give way to those of a file, tensor by tensor. */
static bool fill_up_ranges(
	struct session *session, struct ranges *ranges, struct error *err)
{
	const struct ranges *own =
		session->quantized ? &session->quantized->ranges : NULL;

	for (uint32_t i = 0; own && i < own->count; i++) {
		tensor_id t = own->order[i];
		const struct range *r = &own->of[t];

		if (!ranges_find(ranges, t) && !ranges_set(ranges, session->graph, t,
						       r->low, r->high, r->type, err))
			return false;
	}
	return true;
}

static bool load_ranges_text(struct session *session, const char *json, size_t length,
	const char *name, bool is_file, bool instead, struct problem_list *problems,
	struct error *err)
{
	const struct ranges *before = session->plan->ranges;
	struct ranges ranges = {0};
	bool first = instead || (session->quantized && !before->file_count);
	bool fine = first || ranges_copy(&ranges, before, session->graph, err);

	ranges.literal = session->plan->options->ort_compatible;
	fine = fine &&
	       ranges_read(&ranges, session->graph, json, length, name, problems, err) &&
	       (!is_file || ranges_add_file(&ranges, name, err)) &&
	       take_both_names(session, &ranges, err) &&
	       fill_up_ranges(session, &ranges, err) &&
	       plan_set_ranges(session->plan, &ranges, err);
	ranges_release(&ranges);
	return fine;
}

bool session_load_ranges(struct session *session, const char *path, bool instead,
	struct problem_list *problems, struct error *err)
{
	size_t length;
	char *json = input_read(path, TEXT_LIMIT, &length, err);
	bool fine = json && load_ranges_text(session, json, length, path,
				    strcmp(path, "-"), instead, problems, err);

	free(json);
	return fine;
}

/* Whether a seed says otherwise than one before it, whose place it takes. */
static bool contradicts(struct plan *plan, const struct seed *seed)
{
	size_t at = plan_find_seed(plan, seed);

	return at != SIZE_MAX && seed->type != QTYPE_NONE &&
	       plan->seeds.items[at].type != seed->type;
}

/* *replaced: how many seeds before them they contradict. */
static bool add_seeds(
	struct session *session, const char *text, size_t *replaced, struct error *err)
{
	struct seed_list seeds = {0};
	bool fine = seed_parse(session->graph, text, &seeds, err);

	*replaced = 0;
	for (size_t i = 0; fine && i < seeds.count; i++) {
		*replaced += contradicts(session->plan, &seeds.items[i]);
		fine = plan_add_seed(session->plan, &seeds.items[i], err);
	}
	ARRAY_RELEASE(&seeds);
	return fine;
}

bool session_add_seeds(struct session *session, const char *text, struct error *err)
{
	size_t replaced;

	return add_seeds(session, text, &replaced, err);
}

/* Seeds of the command line; that one takes the place of another is told. */
static bool take_seeds(struct session *session, const char *text, struct error *err)
{
	size_t replaced;
	char place[300], cause[120];

	if (!add_seeds(session, text, &replaced, err))
		return false;
	if (!replaced)
		return true;
	snprintf(place, sizeof(place), "seed %s", text_quoted_z(text));
	snprintf(cause, sizeof(cause), "takes the place of %zu seed%s with another type",
		replaced, text_s(replaced));
	return problem_add(&session->notes, SEVERITY_NOTE, "seed", PROBLEM_NOWHERE,
		       PROBLEM_NOWHERE, place, cause, "") ||
	       error_set_memory(err, "the notes");
}

bool load_keep_fault(struct session *session, bool allowed, struct error *err)
{
	char text[sizeof(err->text)];
	char *cause, *remedy;

	if (!allowed || !err || err->kind == ERROR_MEMORY || err->kind == ERROR_CANCELLED)
		return false;
	if (err->kind == ERROR_NONE)
		return true;
	memcpy(text, err->text, sizeof(text));
	cause = strstr(text, ": ");
	if (cause)
		*cause = '\0';
	cause = cause ? cause + 2 : text;
	remedy = strrchr(cause, ';');
	if (remedy)
		*remedy++ = '\0';
	error_clear(err);
	return problem_add(&session->faults, SEVERITY_ERROR, "input", PROBLEM_NOWHERE,
		PROBLEM_NOWHERE, cause == text ? "" : text, cause,
		remedy ? remedy + strspn(remedy, " ") : "");
}

bool load_all(struct session *session, const struct session_request *request,
	bool allowed, struct error *err)
{
	const struct demo *demo = request->demo ? demo_find(request->demo) : NULL;
	const struct text_list none = {0};
	const struct text_list *ranges = request->ranges ? request->ranges : &none;
	const struct text_list *seeds = request->seeds ? request->seeds : &none;
	struct problem_list *faults = &session->faults;

	if (request->overrides &&
		!session_load_overrides(session, request->overrides, faults, err) &&
		!load_keep_fault(session, allowed, err))
		return false;
	if (demo && !ranges->count &&
		!load_ranges_text(session, demo->ranges, demo->ranges_size, demo->name,
			false, false, faults, err))
		return false;
	for (size_t i = 0; i < ranges->count; i++) {
		if (!session_load_ranges(session, ranges->items[i], false, faults, err) &&
			!load_keep_fault(session, allowed, err))
			return false;
	}
	for (size_t i = 0; i < seeds->count; i++) {
		if (!take_seeds(session, seeds->items[i], err) &&
			!load_keep_fault(session, allowed, err))
			return false;
	}
	return true;
}
