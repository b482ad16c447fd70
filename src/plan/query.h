/* The query language of search, filter and :select (tui-design.md 5.1). */
#ifndef QDQEDIT_PLAN_QUERY_H
#define QDQEDIT_PLAN_QUERY_H

#include "plan/outcome.h"

/* Words joined by blanks, all of which must hold; "!" before a word negates it.
 *   word      fuzzy on the name (letters in this order); smart case
 *   'word     contains exactly        ^word word$  begins, ends
 *   /regex/   extended regular expression on the name
 *   op:MatMul, op:Conv,Gemm           operator type, exact but for case; globs
 *   type:u16                          stored, converted or seen type
 *   shape:1x64x*                      extents; * any extent, ** any number of them
 *   is:seed implied boundary conflict const given edited quantized input output
 *      selected float; anything else is refused with the list
 *   in:A                              region by letter or name
 *   fan>8 fan<2 fan=1                 readers of the tensor, of a node's first output
 *   range>100                         largest absolute value of the range
 */
struct query;

/* Parses once; NULL with the reason in `err`. An empty query matches all. */
struct query *query_parse(const char *text, struct error *err);
void query_free(struct query *query);

/* True if the row matches. `score` (may be NULL) gets a rank for fuzzy words, higher is
 * better, 0 without one. */
bool query_match_tensor(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, tensor_id tensor, int *score);
bool query_match_node(const struct query *query, const struct plan *plan,
	const struct outcome *outcome, node_id node, int *score);

/* True if what matches follows from the graph alone and no edit changes it. */
bool query_is_fixed(const struct query *query);

/* Where the name words of the query match in a name: up to `room` byte ranges [from,
 * to) in ascending order, for lighting up; returns how many. */
struct query_span {
	uint32_t from, to;
};
size_t query_spans(
	const struct query *query, const char *name, struct query_span *out, size_t room);

#endif
