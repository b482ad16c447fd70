/* Parts of paths. */
#ifndef QDQEDIT_BASE_PATH_H
#define QDQEDIT_BASE_PATH_H

#include <stddef.h>

/* What stands behind the last slash. */
const char *path_name(const char *path);

/* "~/x" as a path below the home folder, any other as it is: into `out`, cut at its end.
 */
char *path_from_home(const char *path, char *out, size_t room);

/* The folder of a file, symbolic links resolved: malloc'ed, NULL if there is none. */
char *path_folder(const char *path);

#endif
