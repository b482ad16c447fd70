/* Completing the name of a file that is being typed. */
#ifndef QDQEDIT_UI_COMPLETE_H
#define QDQEDIT_UI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

/* Adds to `path` (in a buffer of `room` bytes; "~/" is the home folder) what all files
 * that begin so have in common, a slash behind a folder. Hidden files only when asked
 * for by a dot. `others` gets the names if there are several, parted by two blanks and
 * cut at its end; returns how many. */
unsigned complete_path(char *path, size_t room, char *others, size_t others_room);

#endif
