/* Compiling regular expressions that people type. */
#include "base/text.h"
#include "graph/search.h"

#include <stdlib.h>
#include <string.h>

/* The C library writes repetitions out: x++ is four x, (x{200}){200} forty thousand.
 * Stars inside stars cost it quadratic time, references back exponential time. Beyond
 * these limits an expression is refused before it eats memory and time. */
enum { COST_MAX = 1000, DEPTH_MAX = 50 };

struct pricing {
	unsigned depth;
	unsigned sum[DEPTH_MAX + 1];  /* of the pieces that are complete, by group */
	unsigned last[DEPTH_MAX + 1]; /* the piece that a repetition would repeat */
	bool too_much;
};

static void add_piece(struct pricing *p, unsigned cost)
{
	p->sum[p->depth] += p->last[p->depth];
	p->last[p->depth] = cost;
	p->too_much |= p->sum[p->depth] > COST_MAX;
}

static void repeat(struct pricing *p, unsigned times)
{
	unsigned *last = &p->last[p->depth];

	if (times > COST_MAX || *last > COST_MAX / (times ? times : 1))
		p->too_much = true;
	else
		*last *= times ? times : 1;
}

static void open_group(struct pricing *p)
{
	if (p->depth == DEPTH_MAX) {
		p->too_much = true;
		return;
	}
	add_piece(p, 0);
	p->depth++;
	p->sum[p->depth] = 0;
	p->last[p->depth] = 1;
}

static void close_group(struct pricing *p)
{
	unsigned cost = p->sum[p->depth] + p->last[p->depth];

	if (p->depth == 0) {
		add_piece(p, 1);
		return;
	}
	p->depth--;
	p->last[p->depth] = cost;
	p->too_much |= cost > COST_MAX;
}

/* Behind a bracket expression; at its end if it is not closed. */
static const char *skip_set(const char *at)
{
	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		if (*at == '[' && at[1] && strchr(":.=", at[1])) {
			const char end[] = {at[1], ']', '\0'};
			const char *close = strstr(at + 2, end);

			at = close ? close + 1 : at;
		}
		at++;
	}
	return *at ? at + 1 : at;
}

/* "{3}", "{3,}" or "{3,7}" behind the brace. */
static const char *price_count(struct pricing *p, const char *at)
{
	const char *end = strchr(at, '}');
	char *after;
	unsigned long low, high;

	if (!end || *at < '0' || *at > '9')
		return at;
	low = strtoul(at, &after, 10);
	high = *after == ',' ? strtoul(after + 1, NULL, 10) : low;
	high = high > low ? high : low + 1;
	repeat(p, high > COST_MAX ? COST_MAX + 1 : (unsigned)high);
	return end + 1;
}

static const char *price_one(struct pricing *p, const char *at)
{
	switch (*at++) {
	case '\\':
		p->too_much |= *at >= '1' && *at <= '9';
		add_piece(p, 1);
		return at + (*at != '\0');
	case '[':
		add_piece(p, 1);
		return skip_set(at);
	case '(':
		open_group(p);
		return at;
	case ')':
		close_group(p);
		return at;
	case '+':
	case '*':
		repeat(p, 2);
		return at;
	case '{':
		return price_count(p, at);
	case '?':
		return at;
	default:
		add_piece(p, 1);
		return at;
	}
}

static bool is_affordable(const char *expression)
{
	struct pricing p = {.last = {1}};

	while (*expression && !p.too_much)
		expression = price_one(&p, expression);
	return !p.too_much && p.sum[0] + p.last[0] <= COST_MAX;
}

bool search_compile(const char *expression, int flags, regex_t *regex, struct error *err)
{
	char cause[200];
	int code;

	if (!is_affordable(expression))
		return error_set(err, ERROR_USAGE,
			"/%s/: repeats too much; write it with fewer + and {} inside "
			"one another and without \\1",
			text_path(expression));
	code = regcomp(regex, expression, REG_EXTENDED | flags);
	if (!code)
		return true;
	regerror(code, regex, cause, sizeof(cause));
	return error_set(err, ERROR_USAGE,
		"/%s/: %s; write a POSIX extended regular expression",
		text_path(expression), cause);
}
