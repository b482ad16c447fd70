/* The table of formats: one row each, in the order in which people see them. */
#include "base/text.h"
#include "export/drawing.h"

#include <string.h>

/* What ONNX Runtime's own structure holds. */
#define ENTRIES                                                                          \
	(PART_TYPES | PART_SCALES | PART_FLAGS | PART_CHANNELS | PART_CONVERSIONS |      \
		PART_READERS | PART_CONVERTED)

/* What a row for each tensor and reader can show. */
#define ROWS                                                                             \
	(PART_TYPES | PART_SCALES | PART_RANGES | PART_FLAGS | PART_CHANNELS |           \
		PART_CONVERSIONS | PART_READERS | PART_CONVERTED | PART_FLOAT)

/* What there is. */
#define EVERYTHING (2 * PART_IDENTITY - 1)

/* What a drawing shows. */
#define DRAWN (PART_TYPES | PART_CONVERSIONS | PART_READERS | PART_REGIONS)

/* What encodings say of each tensor. */
#define GRIDS (PART_TYPES | PART_SCALES | PART_RANGES | PART_FLAGS)

/* What the layers of Quark say. */
#define LAYERS                                                                           \
	(PART_OPTIONS | PART_TYPES | PART_FLAGS | PART_CONVERSIONS | PART_READERS |      \
		PART_CONVERTED | PART_FLOAT | PART_PLACEMENT)

const struct export_format export_formats[] = {
	/* ---- ONNX Runtime */
	{"ort", ".json", "ONNX Runtime's tensor quantization overrides", ENTRIES,
		PART_RANGES, EXPORT_PEER, export_write_ort, export_lost_ort},
	{"ort-loader", ".py", "the same with the Python that loads them", ENTRIES,
		PART_RANGES, EXPORT_SEVERAL | EXPORT_PEER, export_write_ort_loader,
		export_lost_ort},
	{"ort-python", ".py", "the same as Python source", ENTRIES, PART_RANGES,
		EXPORT_PEER, export_write_ort_python, export_lost_ort},
	{"ort-script", ".py", "a complete script that quantizes with ONNX Runtime",
		ENTRIES | PART_RANGES | PART_FLOAT, PART_OPTIONS | PART_PLACEMENT,
		EXPORT_PEER | EXPORT_WHOLE, export_write_ort_script, export_lost_script},
	{"ort-calibration", "_ranges.json", "ONNX Runtime's calibration cache", 0,
		PART_RANGES, 0, export_write_ort_calibration, export_lost_calibration},

	/* ---- Qualcomm: AIMET, QAIRT */
	{"encodings", ".encodings", "encodings 1.0.0 of AIMET and QAIRT (QNN, SNPE)",
		PART_CHANNELS, GRIDS | PART_OPTIONS | PART_FLOAT,
		EXPORT_NUMBERS | EXPORT_RANGES, export_write_encodings_1,
		export_lost_encodings_1},
	{"encodings-0.6.1", ".encodings", "the same for older converters", PART_CHANNELS,
		GRIDS | PART_OPTIONS | PART_FLOAT, EXPORT_NUMBERS | EXPORT_RANGES,
		export_write_encodings_0, export_lost_encodings_0},
	{"encodings-2.0.0", ".encodings", "the same for newer converters", PART_CHANNELS,
		GRIDS | PART_FLOAT, EXPORT_NUMBERS | EXPORT_RANGES,
		export_write_encodings_2, export_lost_encodings_2},
	{"aimet-snippet", "_aimet.py",
		"Python that sets the widths of AIMET's quantizers", 0, PART_TYPES, 0,
		export_write_aimet_snippet, export_lost_aimet_snippet},

	/* ---- AMD Quark */
	{"quark", "_quark.py", "AMD Quark's configuration, as Python source", 0, LAYERS,
		0, export_write_quark, export_lost_quark},
	{"quark-json", "_quark.json", "the same for QConfig.from_dict", 0, LAYERS, 0,
		export_write_quark_json, export_lost_quark},
	{"quark-subgraphs", "_subgraphs.json",
		"the regions, for Quark's automatic mixed precision", PART_REGIONS, 0, 0,
		export_write_quark_subgraphs, NULL},

	/* ---- other quantizers */
	{"olive", "_olive.json", "TensorQuantOverrides for Microsoft Olive, types alone",
		0, PART_TYPES, 0, export_write_olive, export_lost_olive},

	{"nncf", "_nncf.py", "NNCF's ignored scope: what stays float", 0, PART_FLOAT,
		EXPORT_FLOAT, export_write_nncf, export_lost_float_list},
	{"inc", "_inc.json",
		"op_name_dict of Intel Neural Compressor 2: what stays float", 0,
		PART_FLOAT, EXPORT_FLOAT, export_write_inc, export_lost_float_list},
	{"inc3", "_inc3.json", "the same for 3: StaticQuantConfig", 0,
		PART_FLOAT | PART_OPTIONS, EXPORT_FLOAT, export_write_inc3,
		export_lost_inc3},
	{"modelopt", "_modelopt.sh", "a command for NVIDIA ModelOpt: what stays float", 0,
		PART_FLOAT, EXPORT_FLOAT, export_write_modelopt, export_lost_float_list},

	/* ---- device compilers */
	{"tidl", "_tidl.json", "compile options of TI TIDL: layers with 16 bits", 0,
		PART_TYPES, 0, export_write_tidl, export_lost_tidl},

	/* ---- for people and viewers */
	{"html", ".html", "one page for a browser: drawing, conversions, cost, tables",
		EVERYTHING & ~(PART_RANGES | PART_SCORES), PART_RANGES | PART_SCORES,
		EXPORT_NUMBERS, export_write_html, export_lost_html},
	{"dot", ".dot", "a drawing for Graphviz, regions as clusters", 0, DRAWN, 0,
		export_write_dot, export_lost_drawing},
	{"mermaid", ".mmd", "the same for Mermaid, as code-hosting pages draw it", 0,
		DRAWN, 0, export_write_mermaid, export_lost_drawing},
	{"explorer", "_overlay.json", "node data for Model Explorer: widths", 0,
		PART_TYPES, 0, export_write_overlay, export_lost_overlay},
	{"explorer-scores", "_scores.json", "the same with measured scores", 0,
		PART_SCORES, 0, export_write_overlay_scores, export_lost_overlay},
	{"csv", ".csv", "a table with a row for each tensor and reader",
		PART_REGIONS | PART_REASONS | PART_SCORES, ROWS, EXPORT_NUMBERS,
		export_write_csv, export_lost_table},
	{"tsv", ".tsv", "the same with tabs between columns",
		PART_REGIONS | PART_REASONS | PART_SCORES, ROWS, EXPORT_NUMBERS,
		export_write_tsv, export_lost_table},
	{"markdown", ".md", "a report for reviews, by region, with what formats lose",
		PART_OPTIONS | PART_FLOAT | PART_PLACEMENT | PART_REGIONS | PART_REASONS |
			PART_SCORES,
		ROWS & ~PART_FLOAT, EXPORT_NUMBERS, export_write_markdown,
		export_lost_markdown},
};

const size_t export_format_count = sizeof(export_formats) / sizeof(export_formats[0]);

const struct export_format *export_find(const char *name, struct error *err)
{
	struct text_nearest near = {name, strlen(name), 3, NULL};

	for (size_t i = 0; i < export_format_count; i++) {
		if (!strcmp(export_formats[i].name, name))
			return &export_formats[i];
		text_offer(&near, export_formats[i].name);
	}
	if (near.found)
		error_set(err, ERROR_USAGE,
			"--format %s: no such format; did you mean '%s'?",
			text_quoted_z(name), near.found);
	else
		error_set(err, ERROR_USAGE,
			"--format %s: no such format; see 'qdqedit export --list'",
			text_quoted_z(name));
	return NULL;
}
