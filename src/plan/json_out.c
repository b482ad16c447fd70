/* Writing JSON text by hand: numbers are ours, and layout is part of the contract. */
#include "plan/json.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void plan_json_put(struct json_out *out, const char *text, size_t length)
{
	if (out->failed || !array_reserve((void **)&out->text, &out->room,
				   out->length + length + 1, 1)) {
		out->failed = true;
		return;
	}
	memcpy(out->text + out->length, text, length);
	out->length += length;
	out->text[out->length] = '\0';
}

void plan_json_puts(struct json_out *out, const char *text)
{
	plan_json_put(out, text, strlen(text));
}

static void put_unicode(struct json_out *out, int32_t code)
{
	char text[16];

	if (code >= 0x10000)
		snprintf(text, sizeof(text), "\\u%04x\\u%04x",
			(unsigned)(0xd800 + ((code - 0x10000) >> 10)),
			(unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
	else
		snprintf(text, sizeof(text), "\\u%04x", (unsigned)code);
	plan_json_puts(out, text);
}

static void put_ascii(struct json_out *out, char c)
{
	static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	char text[2] = {'\\', 0};

	for (const char *e = escapes; *e; e += 2)
		if (*e == c) {
			text[1] = e[1];
			plan_json_put(out, text, 2);
			return;
		}
	if ((unsigned char)c < 0x20)
		put_unicode(out, c);
	else
		plan_json_put(out, &c, 1);
}

void plan_json_put_string(
	struct json_out *out, const char *bytes, size_t length, bool ascii)
{
	plan_json_puts(out, "\"");
	for (size_t i = 0; i < length;) {
		int32_t code;
		size_t step = text_decode(bytes + i, length - i, &code);

		if (code >= 0 && code < 0x80 && (code != 0x7f || !ascii))
			put_ascii(out, bytes[i]);
		else if (ascii && code >= 0x7f)
			put_unicode(out, code);
		else
			plan_json_put(out, bytes + i, step);
		i += step;
	}
	plan_json_puts(out, "\"");
}

char *plan_json_finish(struct json_out *out, size_t *length)
{
	if (!out->failed)
		plan_json_put(out, "", 0);
	if (out->failed) {
		free(out->text);
		*out = (struct json_out){0};
		return NULL;
	}
	*length = out->length;
	return out->text;
}
