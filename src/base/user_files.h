/* Where a user's files lie, by the XDG base directory rules. */
#ifndef QDQEDIT_BASE_USER_FILES_H
#define QDQEDIT_BASE_USER_FILES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum user_place {
	USER_CONFIG, /* $XDG_CONFIG_HOME or ~/.config */
	USER_STATE,  /* $XDG_STATE_HOME or ~/.local/state */
};

/* The path of a file of the program there: PLACE/qdqedit/NAME. Relative values of the
 * variables are passed over, as the rules say. False without a home, or when it is too
 * long. */
bool user_file(enum user_place place, const char *name, char *out, size_t room);

/* The value of the last line "set NAME VALUE" or "set NAME=VALUE" of the configuration
 * file; false without one. Batch commands look at nothing else in it. */
bool user_setting(const char *name, char *out, size_t room);

/* Makes the folder PLACE/qdqedit, with all above it, for the user alone. */
bool user_folder_make(enum user_place place, struct error *err);

#endif
