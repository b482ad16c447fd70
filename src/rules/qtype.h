/* Quantization types: one table. */
#ifndef QDQEDIT_RULES_QTYPE_H
#define QDQEDIT_RULES_QTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum qtype {
	QTYPE_NONE, /* not given, or not quantized */
	QTYPE_U8,
	QTYPE_S8,
	QTYPE_U16,
	QTYPE_S16,
	QTYPE_U4,
	QTYPE_S4,
	QTYPE_COUNT
};

/* The integer ranges are those of qdq-semantics.md 1.2. */
struct qtype_info {
	const char *name;  /* "QUInt8" */
	const char *brief; /* "u8" */
	int32_t element_type;
	int bits;
	bool is_signed;
	int32_t full[2], symmetric[2], reduced[2];
};

extern const struct qtype_info qtypes[QTYPE_COUNT];

/* "QUInt16" in any case, "u16", "uint16"; QTYPE_NONE if it is none of them. */
enum qtype qtype_parse(const char *text, size_t length);

/* The type of so many bits, or QTYPE_NONE. */
enum qtype qtype_of_bits(int bits, bool is_signed);

/* The 16-bit type of the same signedness: what promoting means without a type. */
enum qtype qtype_wider(enum qtype type);

/* (qmin, qmax) by qdq-semantics.md 1.2. */
void qtype_range(
	enum qtype type, bool symmetric, bool reduced, int32_t *qmin, int32_t *qmax);

#endif
