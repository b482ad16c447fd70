/* embed FOLDER: writes the demos of FOLDER (see data/demos/make.py) as C to standard
 * output: one static array for each file and the table `demos` of struct demo. A tool
 * of the build, never installed. Its first fault ends it with one line and status 1. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEMOS_MAX = 16, SAMPLES_MAX = 64, LINE_SIZE = 512, PATH_SIZE = 4096 };

struct entry {
	char name[LINE_SIZE], title[LINE_SIZE];
	char samples[SAMPLES_MAX][LINE_SIZE];
	int sample_count;
};

static struct entry entries[DEMOS_MAX];
static int entry_count;

static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void fail(const char *format, ...)
{
	va_list args;

	fputs("embed: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static FILE *open_file(
	char path[PATH_SIZE], const char *folder, const char *sub, const char *name)
{
	int length = snprintf(path, PATH_SIZE, "%s/%s/%s", folder, sub, name);
	FILE *file;

	if (length < 0 || length >= PATH_SIZE)
		fail("%s/%s: the name is too long", sub, name);
	file = fopen(path, "rb");
	if (!file)
		fail("%s: %s", path, strerror(errno));
	return file;
}

/* The names stand in C strings as they are. */
static void check_text(const char *text)
{
	if (!*text || strpbrk(text, "\"\\?"))
		fail("index: '%s' is empty or has a quote, backslash or question mark",
			text);
}

static void read_line(const char *line)
{
	struct entry *entry = entry_count ? &entries[entry_count - 1] : NULL;

	if (strncmp(line, "demo ", 5) == 0 && entry_count < DEMOS_MAX) {
		entry = &entries[entry_count++];
		if (sscanf(line, "demo %511s %511[^\n]", entry->name, entry->title) != 2)
			fail("index: '%s' has no title", line);
		check_text(entry->name);
		check_text(entry->title);
	} else if (strncmp(line, "sample ", 7) == 0 && entry &&
		   entry->sample_count < SAMPLES_MAX) {
		strcpy(entry->samples[entry->sample_count], line + 7);
		check_text(entry->samples[entry->sample_count++]);
	} else {
		fail("index: '%s' is no line of an index, or one too many", line);
	}
}

static void read_index(const char *folder)
{
	char path[PATH_SIZE], line[LINE_SIZE];
	FILE *file = open_file(path, folder, ".", "index");

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		read_line(line);
	}
	if (ferror(file))
		fail("%s: %s", path, strerror(errno));
	fclose(file);
	if (!entry_count)
		fail("%s: no demo", path);
}

/* One array: the bytes of the file and a NUL behind them. */
static void write_array(const char *folder, int demo, const char *sub, const char *name,
	const char *label)
{
	char path[PATH_SIZE];
	FILE *file = open_file(path, folder, sub, name);
	int column = 0, byte;

	printf("static const unsigned char demo_%d_%s[] = {\n", demo, label);
	while ((byte = getc(file)) != EOF)
		printf("%d,%s", byte, ++column % 20 ? "" : "\n");
	puts("0};\n");
	if (ferror(file))
		fail("%s: %s", path, strerror(errno));
	fclose(file);
}

static void write_arrays(const char *folder, int demo)
{
	const struct entry *entry = &entries[demo];
	char label[32];

	write_array(folder, demo, entry->name, "model.onnx", "model");
	write_array(folder, demo, entry->name, "ranges.json", "ranges");
	write_array(folder, demo, entry->name, "options", "options");
	write_array(folder, demo, entry->name, "seeds", "seeds");
	for (int i = 0; i < entry->sample_count; i++) {
		snprintf(label, sizeof(label), "sample_%d", i);
		write_array(folder, demo, entry->name, entry->samples[i], label);
	}
	printf("static const struct demo_sample demo_%d_samples[] = {\n", demo);
	for (int i = 0; i < entry->sample_count; i++)
		printf("\t{\"%s\", demo_%d_sample_%d, sizeof(demo_%d_sample_%d) - 1},\n",
			entry->samples[i], demo, i, demo, i);
	puts("\t{0}};\n");
}

static void write_entry(int demo)
{
	const struct entry *entry = &entries[demo];

	printf("\t{\"%s\", \"%s\",\n", entry->name, entry->title);
	printf("\tdemo_%d_model, sizeof(demo_%d_model) - 1,\n", demo, demo);
	printf("\t(const char *)demo_%d_ranges, sizeof(demo_%d_ranges) - 1,\n", demo,
		demo);
	printf("\t(const char *)demo_%d_options,\n", demo);
	printf("\t(const char *)demo_%d_seeds,\n", demo);
	printf("\tdemo_%d_samples, %d},\n", demo, entry->sample_count);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage: embed FOLDER");
	read_index(argv[1]);
	puts("/* Made by tools/embed.c from data/demos: do not edit. */");
	puts("#include \"job/demos.h\"\n");
	for (int i = 0; i < entry_count; i++)
		write_arrays(argv[1], i);
	puts("static const struct demo demos[] = {");
	for (int i = 0; i < entry_count; i++)
		write_entry(i);
	puts("};");
	if (fflush(stdout) || ferror(stdout))
		fail("standard output: %s", strerror(errno));
	return EXIT_SUCCESS;
}
