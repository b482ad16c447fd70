#include "calib/npy.h"

#include "base/text.h"
#include "onnx/tensor.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* NumPy's letters and widths; the byte order stands before them. */
static const struct {
	const char *word;
	int32_t type;
} types[] = {
	{"f4", ELEMENT_FLOAT},
	{"f2", ELEMENT_FLOAT16},
	{"f8", ELEMENT_DOUBLE},
	{"i8", ELEMENT_INT64},
	{"i4", ELEMENT_INT32},
	{"i2", ELEMENT_INT16},
	{"i1", ELEMENT_INT8},
	{"u8", ELEMENT_UINT64},
	{"u4", ELEMENT_UINT32},
	{"u2", ELEMENT_UINT16},
	{"u1", ELEMENT_UINT8},
	{"b1", ELEMENT_BOOL},
	{"c8", ELEMENT_COMPLEX64},
	{"c16", ELEMENT_COMPLEX128},
};

/* The text of the header, a Python dictionary. */
struct cursor {
	const char *at, *end;
	const char *place;
};

static bool bad_header(const struct cursor *cursor, struct error *err)
{
	return error_set(err, ERROR_REFUSED,
		"%s: the header of the .npy data is damaged; write the file anew",
		cursor->place);
}

static void skip_spaces(struct cursor *cursor)
{
	while (cursor->at < cursor->end && isspace((unsigned char)*cursor->at))
		cursor->at++;
}

static bool take(struct cursor *cursor, const char *word)
{
	size_t length = strlen(word);

	skip_spaces(cursor);
	if ((size_t)(cursor->end - cursor->at) < length ||
		memcmp(cursor->at, word, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

static bool take_string(struct cursor *cursor, char *out, size_t room)
{
	const char *start, *close;
	char quote;

	skip_spaces(cursor);
	if (cursor->at == cursor->end || (*cursor->at != '\'' && *cursor->at != '"'))
		return false;
	quote = *cursor->at;
	start = cursor->at + 1;
	close = memchr(start, quote, (size_t)(cursor->end - start));
	if (!close || (size_t)(close - start) >= room)
		return false;
	memcpy(out, start, (size_t)(close - start));
	out[close - start] = '\0';
	cursor->at = close + 1;
	return true;
}

static bool take_number(struct cursor *cursor, int64_t *number)
{
	const char *start;

	skip_spaces(cursor);
	start = cursor->at;
	*number = 0;
	while (cursor->at < cursor->end && isdigit((unsigned char)*cursor->at)) {
		if (*number > (INT64_MAX - 9) / 10)
			return false;
		*number = *number * 10 + (*cursor->at++ - '0');
	}
	take(cursor, "L");
	return cursor->at > start;
}

static bool take_shape(struct cursor *cursor, struct npy_header *header)
{
	if (!take(cursor, "("))
		return false;
	while (!take(cursor, ")")) {
		if (header->rank == NPY_RANK ||
			!take_number(cursor, &header->dims[header->rank]))
			return false;
		header->rank++;
		if (!take(cursor, ",") &&
			(cursor->at == cursor->end || *cursor->at != ')'))
			return false;
	}
	return true;
}

static bool take_entry(struct cursor *cursor, struct npy_header *header)
{
	char key[32];

	if (!take_string(cursor, key, sizeof(key)) || !take(cursor, ":"))
		return false;
	if (!strcmp(key, "descr"))
		return take_string(cursor, header->descr, sizeof(header->descr));
	if (!strcmp(key, "shape"))
		return take_shape(cursor, header);
	if (strcmp(key, "fortran_order"))
		return false;
	header->fortran = take(cursor, "True");
	return header->fortran || take(cursor, "False");
}

static void set_type(struct npy_header *header)
{
	const char *word = header->descr;
	char order = strchr("<>|=", *word) ? *word : '<';

	word += *word && strchr("<>|=", *word);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (!strcmp(word, types[i].word))
			header->type = types[i].type;
	header->swapped = order == '>' && word[1] != '1';
}

/* Where the dictionary stands: behind magic, version and its length. */
static bool find_text(
	struct cursor *cursor, const unsigned char *bytes, size_t size, struct error *err)
{
	size_t start, length;

	if (size < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 ||
		bytes[6] > 3)
		return error_set(err, ERROR_REFUSED,
			"%s: not a .npy array; save it with numpy.save", cursor->place);
	start = bytes[6] == 1 ? 10 : 12;
	length = bytes[8] | (size_t)bytes[9] << 8;
	if (bytes[6] > 1)
		length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
	if (length > size - start)
		return bad_header(cursor, err);
	cursor->at = (const char *)bytes + start;
	cursor->end = cursor->at + length;
	return true;
}

bool npy_read_header(struct npy_header *header, const unsigned char *bytes, size_t size,
	const char *place, struct error *err)
{
	struct cursor cursor = {.place = place};

	memset(header, 0, sizeof(*header));
	if (!find_text(&cursor, bytes, size, err))
		return false;
	header->length = (size_t)(cursor.end - (const char *)bytes);
	if (!take(&cursor, "{"))
		return bad_header(&cursor, err);
	while (!take(&cursor, "}"))
		if (!take_entry(&cursor, header) ||
			(!take(&cursor, ",") &&
				(cursor.at == cursor.end || *cursor.at != '}')))
			return bad_header(&cursor, err);
	if (!header->descr[0])
		return bad_header(&cursor, err);
	set_type(header);
	return true;
}

void npy_to_row_major(const struct npy_header *header, size_t width,
	const unsigned char *from, unsigned char *to)
{
	int64_t at[NPY_RANK] = {0};
	size_t strides[NPY_RANK];
	size_t stride = width, offset = 0;

	for (size_t i = 0; i < header->rank; i++) {
		strides[i] = stride;
		stride *= (size_t)header->dims[i];
	}
	for (size_t done = 0; done < stride; done += width) {
		memcpy(to + done, from + offset, width);
		for (size_t i = header->rank; i-- > 0;) {
			offset += strides[i];
			if (++at[i] < header->dims[i])
				break;
			offset -= strides[i] * (size_t)header->dims[i];
			at[i] = 0;
		}
	}
}
