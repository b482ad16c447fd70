/* The demonstration models that are built into the program (data/demos/make.py
 * makes them, tools/embed.c turns them into C). All of it is static and read-only. */
#ifndef QDQEDIT_JOB_DEMOS_H
#define QDQEDIT_JOB_DEMOS_H

#include "base/error.h"

#include <stddef.h>

/* One sample: an .npz archive whose keys are the names of the model's inputs. */
struct demo_sample {
	const char *name; /* file name, "sample_0.npz" */
	const unsigned char *bytes;
	size_t size;
};

struct demo {
	const char *name;           /* "mixed8" */
	const char *title;          /* what it shows, half a sentence, no full stop */
	const unsigned char *model; /* an .onnx file without external data */
	size_t model_size;
	const char *ranges;  /* calibration ranges, JSON of command-line.md 4; with NUL */
	size_t ranges_size;  /* without the NUL */
	const char *options; /* command line options, one "--name [value]" on a line */
	const char *seeds;   /* recommended promotions, one seed on a line */
	const struct demo_sample *samples;
	size_t sample_count;
};

/* The demos in the order in which they are listed; the first is the one that is
 * shown when none is named. demo_at() returns NULL beyond the last. */
size_t demo_count(void);
const struct demo *demo_at(size_t index);

/* The demo of that name, NULL if there is none. */
const struct demo *demo_find(const char *name);

/* The same, with the reason. */
const struct demo *demo_get(const char *name, struct error *err);

#endif
