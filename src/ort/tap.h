/* The custom operators behind taps; private to src/ort. */
#ifndef QDQEDIT_ORT_TAP_H
#define QDQEDIT_ORT_TAP_H

#include "ort/api.h"
#include "ort/ort.h"

struct ort_tap_domain;

/* Makes the operators and adds their domain to session options. The domain must outlive
 * the session; freed by ort_tap_domain_free. */
struct ort_tap_domain *ort_tap_domain_new(struct ort_runtime *runtime,
	const struct ort_taps *taps, ort_object *options, struct error *err);
void ort_tap_domain_free(struct ort_tap_domain *domain);

/* The run that taps on this thread belong to: its argument, and its first error. */
struct ort_tap_run {
	void *arg;
	struct error error;
};

/* Set around Run on the calling thread (NULL behind it). */
void ort_tap_set_run(struct ort_tap_run *run);

/* A view of a tensor value. `info` is to be released with ReleaseTensorTypeAndShapeInfo
 * and may be NULL; `dims` lies in `room` (of `limit`) or in the value. False with `err`
 * set if the value is of a rank above `limit`. */
enum { ORT_RANK_LIMIT = 64 };
bool ort_value_view(const struct ort_api *api, const ort_object *value,
	struct ort_tensor *view, int64_t room[ORT_RANK_LIMIT], struct error *err);

#endif
