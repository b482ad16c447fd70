#include "rules/qtype.h"

#include "onnx/tensor.h"

#include <string.h>
#include <strings.h>

/* 4-bit and unsigned types have no symmetric entry: it repeats the full range. */
const struct qtype_info qtypes[QTYPE_COUNT] = {
	[QTYPE_NONE] = {"none", "-", ELEMENT_NONE, 0, false, {0, 0}, {0, 0}, {0, 0}},
	[QTYPE_U8] = {"QUInt8", "u8", ELEMENT_UINT8, 8, false, {0, 255}, {0, 255},
		{0, 127}},
	[QTYPE_S8] = {"QInt8", "s8", ELEMENT_INT8, 8, true, {-128, 127}, {-127, 127},
		{-64, 64}},
	[QTYPE_U16] = {"QUInt16", "u16", ELEMENT_UINT16, 16, false, {0, 65535},
		{0, 65535}, {0, 32767}},
	[QTYPE_S16] = {"QInt16", "s16", ELEMENT_INT16, 16, true, {-32768, 32767},
		{-32767, 32767}, {-16384, 16384}},
	[QTYPE_U4] = {"QUInt4", "u4", ELEMENT_UINT4, 4, false, {0, 15}, {0, 15}, {0, 7}},
	[QTYPE_S4] = {"QInt4", "s4", ELEMENT_INT4, 4, true, {-8, 7}, {-8, 7}, {-4, 3}},
};

static bool same(const char *word, const char *text, size_t length)
{
	return strlen(word) == length && strncasecmp(word, text, length) == 0;
}

enum qtype qtype_parse(const char *text, size_t length)
{
	static const char enumeration[] = "QuantType.";

	if (length > sizeof(enumeration) - 1 &&
		strncasecmp(text, enumeration, sizeof(enumeration) - 1) == 0) {
		text += sizeof(enumeration) - 1;
		length -= sizeof(enumeration) - 1;
	}
	for (int t = QTYPE_U8; t < QTYPE_COUNT; t++) {
		if (same(qtypes[t].name, text, length) ||
			same(qtypes[t].name + 1, text, length) ||
			same(qtypes[t].brief, text, length))
			return (enum qtype)t;
	}
	return QTYPE_NONE;
}

enum qtype qtype_of_bits(int bits, bool is_signed)
{
	for (int type = QTYPE_U8; type < QTYPE_COUNT; type++)
		if (qtypes[type].bits == bits && qtypes[type].is_signed == is_signed)
			return (enum qtype)type;
	return QTYPE_NONE;
}

enum qtype qtype_wider(enum qtype type)
{
	return qtypes[type].is_signed ? QTYPE_S16 : QTYPE_U16;
}

void qtype_range(
	enum qtype type, bool symmetric, bool reduced, int32_t *qmin, int32_t *qmax)
{
	const struct qtype_info *info = &qtypes[type];
	const int32_t *range = reduced     ? info->reduced
			       : symmetric ? info->symmetric
					   : info->full;

	*qmin = range[0];
	*qmax = range[1];
}
