/* Text: escaping of hostile names, display width, shortest numbers. */
#ifndef QDQEDIT_BASE_TEXT_H
#define QDQEDIT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes `length` bytes into `out` (of `room` bytes, NUL added) with control bytes,
 * DEL, invalid UTF-8 and bidirectional or zero-width controls as \xNN; text that does
 * not fit is cut in the middle with "..". Returns `out`. */
char *text_escape(char *out, size_t room, const char *bytes, size_t length);

/* A ring of static buffers (thread-local) for error messages: text_quoted("a") gives
 * 'a' escaped, at most ~120 bytes long. Valid for eight further calls. */
const char *text_quoted(const char *bytes, size_t length);
const char *text_quoted_z(const char *text);

/* The same for the name of a file or folder as the place of a message: escaped, without
 * quotes ('' for an empty one), at most ~380 bytes long. Valid for four further calls. */
const char *text_path(const char *path);

/* Decodes one character of valid or invalid UTF-8: its length in bytes (at least 1),
 * *code is the code point or -1 for an invalid byte. */
size_t text_decode(const char *bytes, size_t length, int32_t *code);

/* Columns of a code point without a locale: 0 for combining marks, 2 for wide East
 * Asian and emoji, -1 for controls. */
int text_width_of(int32_t code);

/* Columns of a whole text; controls have none, invalid bytes one each. */
size_t text_width(const char *text);

/* True for code points that show nothing or turn the direction of text: bidirectional
 * and zero-width format characters. text_escape escapes these, and controls. */
bool text_is_hidden(int32_t code);

/* The ending of a noun behind a count: "" for one, "s" otherwise. */
static inline const char *text_s(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* True if the whole string is valid UTF-8. */
bool text_is_utf8(const char *bytes, size_t length);

/* The shortest decimal text that reads back to the same float32 or float64, as JSON
 * has it and Python prints it ("0.1", "1e-05", "1e+16"; "3.0" keeps ".0" if `point`),
 * with a dot in every locale. "NaN", "Infinity" and "-Infinity", which JSON proper has
 * not. Returns `out` (room >= 32). */
char *text_f32(char out[32], float value, bool point);
char *text_f64(char out[32], double value, bool point);

/* Orders "a2" before "a10" (natural order). */
int text_natural_cmp(const char *a, const char *b);

/* Edit distance for "did you mean", at most `limit` (then limit + 1 is returned), which
 * is itself at most 62. */
unsigned text_distance(
	const char *a, size_t a_length, const char *b, size_t b_length, unsigned limit);

/* Looks for the text that a wrong one was meant to be. */
struct text_nearest {
	const char *wrong;
	size_t length;
	unsigned below;    /* only texts fewer edits away are taken */
	const char *found; /* NULL: none yet */
};

/* Takes a text if it is nearer than what was found so far; one that begins with the wrong
 * one is one edit away, the shortest of them nearest. */
void text_offer(struct text_nearest *nearest, const char *text);

#endif
