/* schemas FILE: writes the operator table (data/op-schemas.tsv) as C to standard output:
 * static arrays of inputs, outputs and struct schema. A tool of the build, never
 * installed. Its first fault ends it with one line and status 1. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 4096, COLUMNS = 6, SLOTS_MAX = 16, ROWS_MAX = 4096 };

static int line_number;

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "schemas: line %d: ", line_number);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

/* One row of the table, as counts into the slot arrays that are already printed. */
struct row {
	char *op_type, *attributes;
	int since, deprecated;
	int inputs, outputs; /* counts */
};

static struct row rows[ROWS_MAX];
static int row_count;

/* Splits at every `separator`, writing NULs; returns how many pieces. */
static int split(char *text, const char *separator, char **pieces, int most)
{
	int count = 0;

	for (;;) {
		char *end = strstr(text, separator);

		if (count == most)
			fail("more than %d pieces between '%s'", most, separator);
		pieces[count++] = text;
		if (!end)
			return count;
		*end = '\0';
		text = end + strlen(separator);
	}
}

/* "name:type" with "?" or "*" behind it: prints the first three members. */
static void print_slot(char *slot)
{
	const char *arity = "SCHEMA_ONE";
	size_t length = strlen(slot);
	char *colon = strchr(slot, ':');

	if (!colon)
		fail("no type in '%s'", slot);
	if (slot[length - 1] == '?')
		arity = "SCHEMA_OPTIONAL";
	if (slot[length - 1] == '*')
		arity = "SCHEMA_VARIADIC";
	slot[strcspn(slot, "?*")] = '\0';
	*colon = '\0';
	printf("\"%s\", \"%s\", %s", slot, colon + 1, arity);
}

static const char *element_name(const char *type)
{
	static const char *const names[][2] = {
		{"tensor(float)", "ELEMENT_FLOAT"},
		{"tensor(uint8)", "ELEMENT_UINT8"},
		{"tensor(int32)", "ELEMENT_INT32"},
		{"tensor(int64)", "ELEMENT_INT64"},
		{"tensor(string)", "ELEMENT_STRING"},
		{"tensor(bool)", "ELEMENT_BOOL"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i][0], type))
			return names[i][1];
	fail("no element type '%s'", type);
}

/* "~" before a rule: onnx's own inference leaves the type open. */
static void print_rule(const char *rule)
{
	bool own = *rule == '~';

	rule += own;
	if (!strncmp(rule, "input ", 6))
		printf("SCHEMA_TYPE_INPUT, %d", atoi(rule + 6));
	else if (!strncmp(rule, "fixed ", 6))
		printf("SCHEMA_TYPE_FIXED, %s", element_name(rule + 6));
	else if (!strcmp(rule, "see notes"))
		printf("SCHEMA_TYPE_NOTES, 0");
	else if (!strcmp(rule, "deprecated"))
		printf("SCHEMA_TYPE_UNKNOWN, 0");
	else
		fail("no rule '%s'", rule);
	printf(", %s", own ? "true" : "false");
}

static int print_inputs(char *column)
{
	char *slots[SLOTS_MAX];
	int count;

	if (!strcmp(column, "-") || !*column)
		return 0;
	count = split(column, ", ", slots, SLOTS_MAX);
	for (int i = 0; i < count; i++) {
		printf("\t{");
		print_slot(slots[i]);
		printf("},\n");
	}
	return count;
}

/* One rule holds for all outputs, otherwise each has its own. */
static int print_outputs(char *column, char *rule_column)
{
	char *slots[SLOTS_MAX], *rules[SLOTS_MAX];
	int count, rule_count;

	if (!strcmp(column, "-") || !*column)
		return 0;
	count = split(column, ", ", slots, SLOTS_MAX);
	rule_count = split(rule_column, "; ", rules, SLOTS_MAX);
	if (rule_count != 1 && rule_count != count)
		fail("%d outputs, %d rules", count, rule_count);
	for (int i = 0; i < count; i++) {
		printf("\t{");
		print_slot(slots[i]);
		printf(", ");
		print_rule(rules[rule_count == 1 ? 0 : i]);
		printf("},\n");
	}
	return count;
}

/* Rows must be sorted by name (as strcmp does) and version, for the search. */
static void check_order(const struct row *row)
{
	const struct row *before = row - 1;
	int order = row_count ? strcmp(before->op_type, row->op_type) : -1;

	if (order > 0 || (order == 0 && before->since >= row->since))
		fail("'%s' %d is out of order", row->op_type, row->since);
}

static char *copy(const char *text)
{
	char *made = malloc(strlen(text) + 1);

	if (!made)
		fail("out of memory");
	return strcpy(made, text);
}

/* Calls `each` with the columns of every line but the first. */
static void read_table(const char *path, void (*each)(char **columns))
{
	FILE *file = fopen(path, "r");
	char line[LINE_SIZE], *columns[COLUMNS];

	line_number = 0;
	if (!file)
		fail("%s cannot be read", path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line_number++ == 0)
			continue;
		if (split(line, "\t", columns, COLUMNS) != COLUMNS)
			fail("not %d columns", COLUMNS);
		each(columns);
	}
	fclose(file);
}

/* First pass: the rows and the array of inputs. */
static void take_row(char **columns)
{
	struct row *row = &rows[row_count];

	if (row_count == ROWS_MAX)
		fail("more than %d rows", ROWS_MAX);
	row->op_type = copy(columns[0]);
	row->since = atoi(columns[1]);
	row->deprecated = !strcmp(columns[4], "deprecated");
	row->attributes = copy(columns[5]);
	row->inputs = print_inputs(columns[2]);
	check_order(row);
	row_count++;
}

static int outputs_row;

/* Second pass: the array of outputs. */
static void take_outputs(char **columns)
{
	rows[outputs_row++].outputs = print_outputs(columns[3], columns[4]);
}

static void print_rows(void)
{
	int input = 0, output = 0;

	printf("static const struct schema schemas[] = {\n");
	for (const struct row *row = rows; row < rows + row_count; row++) {
		printf("\t{\"%s\", %d, %s, schema_inputs + %d, schema_outputs + %d, "
		       "%d, %d, \"%s\"},\n",
			row->op_type, row->since, row->deprecated ? "true" : "false",
			input, output, row->inputs, row->outputs, row->attributes);
		input += row->inputs;
		output += row->outputs;
	}
	printf("};\n");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage: schemas FILE");
	printf("/* Made by tools/schemas.c. */\n"
	       "static const struct schema_input schema_inputs[] = {\n");
	read_table(argv[1], take_row);
	printf("};\n\nstatic const struct schema_output schema_outputs[] = {\n");
	read_table(argv[1], take_outputs);
	printf("};\n\n");
	print_rows();
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
