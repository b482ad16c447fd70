/* Where an ONNX Runtime library may lie. No shell and no interpreter is started. */
#ifndef QDQEDIT_ORT_FIND_H
#define QDQEDIT_ORT_FIND_H

#include <stdbool.h>

/* Called with one candidate (a path, or a bare name for the loader's search); returns
 * true to end the search. */
typedef bool ort_find_try(void *arg, const char *path);

/* `named` is a file, or a folder of libraries. False if nothing was taken. */
bool ort_find_named(const char *named, ort_find_try *try, void *arg);

/* The search, when no library was named: ORT_DYLIB_PATH; the
 * configuration file's "set ort-lib PATH"; beside the program,
 * ../lib/qdqedit and the build's venv; the loader's own search by soname; then the
 * folders of distributions, Python installations (on PATH too) and Node packages, in
 * each the highest version first. The working directory is never searched. */
bool ort_find_anywhere(ort_find_try *try, void *arg);

#endif
