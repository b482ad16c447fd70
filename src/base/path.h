/* Parts of paths. */
#ifndef QDQEDIT_BASE_PATH_H
#define QDQEDIT_BASE_PATH_H

/* What stands behind the last slash. */
const char *path_name(const char *path);

/* The folder of a file, symbolic links resolved: malloc'ed, NULL if there is none. */
char *path_folder(const char *path);

#endif
