/* Graphs and plans for the tests of src/plan. */
#ifndef QDQEDIT_TESTS_PLAN_MODELS_H
#define QDQEDIT_TESTS_PLAN_MODELS_H

#include "plan/outcome.h"

#include <criterion/criterion.h>

/* A graph with its model and a plan on it, freed by fixture_free. */
struct fixture {
	struct model *model;
	struct graph *graph;
	struct plan *plan;
};

/* From a description, one node a line: "Op4 Tanh Op2_out -> Op4_out". Inputs of the
 * graph are what nothing makes; a name in capitals with a shape is an initializer:
 * "W[3,4]"; "!name" on a line of its own is a graph output. All other tensors are
 * float of shape 1,2,3. Options: all operator types. */
struct fixture fixture_make(const char *description);

/* The same from a message made by build.h, with the options of the program. */
struct fixture fixture_of(Onnx__ModelProto *proto);

void fixture_free(struct fixture *fixture);

/* The model of the pull request: qdq-semantics.md 8.5 with the names Op1 ... Op8. */
struct fixture fixture_mixed8(void);

/* A random acyclic graph of elementwise operators, every tensor float. */
struct fixture fixture_random(unsigned seed, unsigned nodes);

void fixture_options(
	struct fixture *fixture, bool ort_compatible, enum qtype type, bool symmetric);

tensor_id tensor_of(const struct fixture *fixture, const char *name);
node_id node_of(const struct fixture *fixture, const char *name);

/* Adds seeds ("Op4_out=QUInt16 node:Op1=QInt16"); the test fails if one is refused. */
void fixture_seed(struct fixture *fixture, const char *seeds);
void fixture_load(struct fixture *fixture, const char *json);

const struct outcome *fixture_outcome(struct fixture *fixture);

/* The JSON of the outcome's entries; static storage, valid until the next call. */
const char *fixture_json(struct fixture *fixture);

/* The id of the first conflict, "" if there is none. */
const char *fixture_conflict(struct fixture *fixture);

#endif
