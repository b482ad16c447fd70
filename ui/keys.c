#include "ui/keys.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct key_name {
	const char *name;
	ui_key key;
} key_names[] = {
	{"Space", UK_SPACE},
	{"Enter", UK_ENTER},
	{"CR", UK_ENTER},
	{"Return", UK_ENTER},
	{"Esc", UK_ESC},
	{"Tab", UK_TAB},
	{"S-Tab", UK_BACK_TAB},
	{"BS", UK_BACKSPACE},
	{"Backspace", UK_BACKSPACE},
	{"lt", '<'},
	{"Up", UK_UP},
	{"Down", UK_DOWN},
	{"Left", UK_LEFT},
	{"Right", UK_RIGHT},
	{"Home", UK_HOME},
	{"End", UK_END},
	{"PageUp", UK_PAGE_UP},
	{"PageDown", UK_PAGE_DOWN},
	{"PgUp", UK_PAGE_UP},
	{"PgDn", UK_PAGE_DOWN},
	{"Insert", UK_INSERT},
	{"Delete", UK_DELETE},
	{"Del", UK_DELETE},
	{"S-Up", UK_SHIFT_UP},
	{"S-Down", UK_SHIFT_DOWN},
};

static ui_key named_key(const char *name, size_t length)
{
	unsigned number;
	char rest, text[16];

	for (size_t i = 0; i < sizeof(key_names) / sizeof(*key_names); i++)
		if (strlen(key_names[i].name) == length &&
			!strncasecmp(key_names[i].name, name, length))
			return key_names[i].key;
	if (length == 3 && (name[0] == 'C' || name[0] == 'c') && name[1] == '-' &&
		name[2] > ' ' && name[2] < 127)
		return UK_CTRL(name[2]);
	if (length > 3 || (name[0] != 'F' && name[0] != 'f'))
		return UK_NONE;
	snprintf(text, sizeof(text), "%.*s", (int)length, name);
	if (sscanf(text + 1, "%2u%c", &number, &rest) == 1 && number >= 1 && number <= 12)
		return UK_F1 + number - 1;
	return UK_NONE;
}

ui_key keys_parse_next(const char *text, size_t length, size_t *at)
{
	int32_t code;
	const char *end;
	ui_key key;

	if (*at >= length)
		return UK_NONE;
	if (text[*at] == '<') {
		end = memchr(text + *at, '>', length - *at);
		if (end && end > text + *at + 1 && end - (text + *at) < 12) {
			key = named_key(text + *at + 1, (size_t)(end - text) - *at - 1);
			if (key != UK_NONE) {
				*at = (size_t)(end - text) + 1;
				return key;
			}
		}
	}
	*at += text_decode(text + *at, length - *at, &code);
	return code < 0 ? 0xfffd : code == '\n' ? UK_ENTER : (ui_key)code;
}

size_t keys_parse(const char *text, size_t length, ui_key *keys, size_t room)
{
	size_t count = 0, at = 0;

	while (at < length) {
		if (count == room)
			return 0;
		keys[count++] = keys_parse_next(text, length, &at);
	}
	return count;
}

static size_t encode(ui_key key, char *out)
{
	if (key < 0x80) {
		out[0] = (char)key;
		return 1;
	}
	if (key < 0x800) {
		out[0] = (char)(0xc0 | key >> 6);
		out[1] = (char)(0x80 | (key & 63));
		return 2;
	}
	if (key < 0x10000) {
		out[0] = (char)(0xe0 | key >> 12);
		out[1] = (char)(0x80 | (key >> 6 & 63));
		out[2] = (char)(0x80 | (key & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | key >> 18);
	out[1] = (char)(0x80 | (key >> 12 & 63));
	out[2] = (char)(0x80 | (key >> 6 & 63));
	out[3] = (char)(0x80 | (key & 63));
	return 4;
}

char *keys_name(ui_key key, char out[16])
{
	if (key >= UK_F1 && key <= UK_F12) {
		snprintf(out, 16, "<F%u>", (unsigned)(key - UK_F1 + 1));
		return out;
	}
	for (size_t i = 0; i < sizeof(key_names) / sizeof(*key_names); i++)
		if (key_names[i].key == key) {
			snprintf(out, 16, "<%s>", key_names[i].name);
			return out;
		}
	if (key < 32)
		snprintf(out, 16, "<C-%c>", (char)(key + (key && key < 27 ? 96 : 64)));
	else if (key <= 0x10ffff)
		out[encode(key, out)] = '\0';
	else
		snprintf(out, 16, "<0x%x>", (unsigned)key);
	return out;
}
