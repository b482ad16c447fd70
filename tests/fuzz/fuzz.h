/* The fuzz targets, and inputs made by damaging good ones. */
#ifndef QDQEDIT_TESTS_FUZZ_H
#define QDQEDIT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The texts that people and other programs write; the first byte says which reader:
 * overrides, ranges, seeds, queries, keys, projects, journals, scores, encodings, lists
 * of other tools. What is read and written must read back as the same. */
int fuzz_text(const uint8_t *data, size_t size);
enum { FUZZ_READERS = 10 };

/* Bytes as a quantized model, viewed and rewritten. */
int fuzz_quantized(const uint8_t *data, size_t size);

struct fuzz_seed {
	const void *data;
	size_t size;
};

/* Calls `target` with `count` damaged copies of the seeds: bits turned, bytes set,
 * pieces cut, doubled and mixed. The same numbers give the same inputs. */
void fuzz_damaged(int (*target)(const uint8_t *data, size_t size),
	const struct fuzz_seed *seeds, size_t seed_count, unsigned count);

#endif
