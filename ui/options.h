/* What starts the editor, and what can be set in it. */
#ifndef QDQEDIT_UI_OPTIONS_H
#define QDQEDIT_UI_OPTIONS_H

#include "calib/sample.h"
#include "job/session.h"
#include "plan/scores.h"
#include "ui/theme.h"

/* How the editor looks and acts; :set changes it. */
struct ui_settings {
	enum paint_mode paint;
	bool ascii, mouse, slow, hints;
	bool acs;       /* with ascii: lines by the terminal's own characters */
	bool constants; /* drawn in the graph too */
	unsigned edges; /* on its lines: enum edge_part */
	bool clipboard; /* what is copied goes to the terminal too */
	bool live;      /* the accuracy is measured after each edit */
	int lanes;      /* shown in the outline at most */
	int outline_width;
	bool announce; /* a move says the row in the status line, and nothing else */
	bool showkeys; /* the last keys at the bottom right */
	int pace;      /* ms a key when a script is shown */
	enum score_order scores; /* of imported ones that do not tell it */
	char ort_lib[1024];      /* ONNX Runtime's library, "": search */
};

enum { PACE = 600 }; /* the default of ui_settings.pace */

enum ui_color { UI_COLOR_AUTO, UI_COLOR_16, UI_COLOR_256, UI_COLOR_NEVER };

/* Samples to measure with, and by what. */
struct ui_samples {
	struct sample_request request; /* without data or random: those of the demo */
	const char *demo;              /* its name, or NULL */
	const char *method;            /* of calibration; NULL: minmax */
	const char *ort_lib;           /* as --ort-lib; NULL: search */
	int64_t threads;               /* 0: the cores */
};

/* What the command line asks for. */
struct ui_options {
	struct session_request request;
	struct ui_samples samples;
	const char *script; /* file of ui_script_main, "-" for standard input */
	bool start_card;    /* no model was given: the card over the demo */
	enum ui_color color;
	bool ascii, no_mouse, slow, force, plain;
	bool show; /* the script on the screen, at reading speed */
};

/* The editor on the terminal, and a script without one; both print errors and return
 * the exit code (command-line.md section 1). */
int ui_main(const struct ui_options *options);
int ui_script_main(const struct ui_options *options);

/* Name and version of the terminal library, for --version. */
const char *ui_library_version(void);

#endif
