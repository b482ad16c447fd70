/* The terms that :explain knows. */
#include "ui/explain.h"

#include <ctype.h>
#include <string.h>

const struct topic topics[] = {
	{"quantization", "quantize quantized integer", "numbers stored as small integers",
		"A tensor of floats is stored as integers q of 4, 8 or 16 bit together "
		"with a scale and a zero point, and read back as\n"
		"  x = (q - zero point) * scale\n"
		"A step between two neighbours is one scale wide. 8 bit have 256 steps, "
		"16 bit have 65536: that is all the difference, and it decides how much "
		"of the signal is lost.\n",
		VIEW_NUMBERS, "scale zero-point QDQ type"},
	{"scale", "step", "the width of one step",
		"The scale says how far apart two neighbouring integers are: the range "
		"that must be covered, divided by the number of steps. It is computed in "
		"double and stored as the tensor's float type.\n",
		VIEW_NUMBERS, "zero-point range symmetric"},
	{"zero-point", "zp zero", "the integer that means 0.0",
		"Zero must be exact (padding and Relu make many), so the range is "
		"widened "
		"to hold it and the integer it falls on is kept: the zero point.\n",
		VIEW_NUMBERS, "scale range symmetric"},
	{"range", "rmin rmax minmax", "least and greatest value of a tensor",
		"For activations it is measured by calibration on samples, for constants "
		"it is read from their values; an override (e, or rmin and rmax in the "
		"file) replaces it. What lies outside is clipped to the ends.\n",
		VIEW_NUMBERS, "calibration scale clipping"},
	{"calibration", "calibrate samples ranges histogram entropy percentile",
		"measuring ranges on samples",
		"The float model runs on samples, and of each activation the extremes "
		"are "
		"noted (minmax), or a histogram from which a narrower range is chosen "
		"that clips rare values (entropy, percentile). Too few samples give "
		"ranges that are too narrow.\n"
		"  :ranges FILE reads what was measured; qdqedit calibrate measures.\n",
		VIEW_NUMBERS, "range clipping"},
	{"clipping", "saturation clip clipped saturate", "values beyond the range",
		"What lies outside of the range becomes the nearest end. A wider range "
		"clips less and has coarser steps; 16 bit make that choice easy.\n",
		VIEW_NUMBERS, "range calibration"},
	{"rounding", "round", "to the nearest, ties to even",
		"x / scale is rounded to the nearest integer, and halfway cases to the "
		"even one: 0.5 → 0, 1.5 → 2, 2.5 → 2. The error is at most half a "
		"step.\n",
		VIEW_NUMBERS, "scale"},
	{"type", "u8 s8 u16 s16 u4 s4 bits quint8 qint8 quint16 qint16",
		"which integer a tensor is stored in",
		"  u8  0 … 255         s8  -128 … 127\n"
		"  u16 0 … 65535       s16 -32768 … 32767\n"
		"  u4  0 … 15          s4  -8 … 7 (weights only)\n"
		"Signed or not makes no difference to the precision of an activation. A "
		"node has one type for all its float tensors, which is why a choice "
		"spreads.\n",
		VIEW_REASONS, "scale closure seed"},
	{"symmetric", "symmetry asymmetric", "a range made even around zero",
		"The range is made as wide on both sides of zero as the wider side "
		"needs, "
		"so the zero point is the middle: 0 of a signed type. Kernels like it "
		"for "
		"weights; for activations on one side of zero it wastes half the "
		"steps.\n",
		VIEW_NUMBERS, "zero-point range reduced-range"},
	{"reduced-range", "reduce-range reduced 7bit", "weights in 7 bits of 8",
		"Old processors add pairs of 8-bit products in 16 bit, which overflows. "
		"Weights that use only half of the integers cannot. Costs one bit of "
		"precision; not needed where VNNI or its like is there.\n",
		VIEW_NUMBERS, "symmetric type"},
	{"per-channel", "channel channels axis", "one scale for each channel of a weight",
		"Channels of a weight may differ widely in size. With a scale for each "
		"one along an axis, small channels keep their precision. Activations "
		"have one scale always.\n",
		VIEW_NUMBERS, "scale weight block"},
	{"block", "blocksize blocks", "one scale for each block of values",
		"With BlockSize a weight of rank 2 has a scale for every so many "
		"values along its axis: finer than per channel, and larger. Needs "
		"opset 21.\n",
		VIEW_NUMBERS, "per-channel opset"},
	{"weight", "weights constant initializer", "a constant that is quantized at once",
		"Weights are constants: their integers are computed now and stored in "
		"the "
		"file, with one DequantizeLinear before the node that reads them. Their "
		"range is that of their values.\n",
		VIEW_NUMBERS, "per-channel bias symmetric"},
	{"bias", "biases int32", "int32, with the product of two scales",
		"The sum of products of input and weight has steps of input scale * "
		"weight scale. A bias in the same steps can be added without rounding: "
		"int32, zero point 0.\n",
		VIEW_NUMBERS, "weight scale"},
	{"QDQ", "q dq quantizelinear dequantizelinear pair fake",
		"how quantization stands in the file",
		"Around every tensor stand two nodes: QuantizeLinear (Q) makes integers, "
		"DequantizeLinear (DQ) floats again. The operators between stay float in "
		"the file; a runtime that has integer kernels takes DQ, operator and Q "
		"as one.\n"
		"  Op ─▶ Q ─▶ DQ ─▶ reader\n",
		VIEW_BOUNDARY, "boundary quantization"},
	{"boundary", "convert conversion converted border pairs",
		"where a tensor changes its type for some readers",
		"A tensor is stored in one type. Readers of another type get it through "
		"a second pair: DQ of the first type, then Q of the second. That pair is "
		"the cost of a mixed model, in time and in one more rounding.\n"
		"  Op ─▶ Q8 ─▶ DQ8 ─▶ Q16 ─▶ DQ16 ─▶ reader\n",
		VIEW_BOUNDARY, "QDQ region cost readers"},
	{"readers", "reader consumer consumers", "the nodes that read a tensor",
		"Readers are what a conversion is made for: recv_nodes in the file names "
		"them, by node name. c chooses by hand who reads what.\n",
		VIEW_BOUNDARY, "boundary"},
	{"region", "regions", "connected nodes of another type than the rest",
		"Nodes that run in another type and touch each other are one region, "
		"with a letter. Conversions stand at its rim, so one larger region may "
		"be cheaper than two small ones.\n",
		VIEW_REGIONS, "boundary cost seed"},
	{"seed", "seeds choice promote chosen", "a type that you chose",
		"A seed is a choice: of a tensor (its maker and all its readers), of a "
		"node, or of one reader. Only seeds are kept; all else follows from "
		"them, and is undone with them. Marked * here.\n",
		VIEW_REASONS, "closure implied region"},
	{"implied", "follows following", "a type that follows from a choice",
		"What follows from your choices is marked +. It cannot be removed by "
		"itself: d on it removes the choice that implies it.\n",
		VIEW_REASONS, "seed closure"},
	{"closure", "rules", "the rules from your choices to all types",
		"A tensor that is chosen asks its maker and its readers; a node that is "
		"asked runs in that type, and sees all its float tensors in it; a tensor "
		"whose maker and readers disagree is converted. :step shows each rule as "
		"it is applied.\n",
		VIEW_REASONS, "seed boundary conflict"},
	{"conflict", "conflicts clash", "two choices that cannot both be",
		"A node has one type, and a tensor two at most: its own and a converted "
		"one. Choices that want more contradict each other; nothing can be "
		"quantized until one goes. ]c goes there, pane 7 lists all.\n",
		VIEW_REASONS, "closure seed"},
	{"sharing", "shared share provider", "tensors with one scale for both",
		"Operators that only move values (Reshape, Transpose, MaxPool ...) give "
		"their output the scale of their input, so that nothing is rounded "
		"twice.\n",
		VIEW_NUMBERS, "scale QDQ"},
	{"removal", "removed relu", "a Relu or Clip that quantization makes needless",
		"If the zero point of a Relu's output is the least integer, clipping to "
		"the range does what the Relu does, and the node goes.\n",
		VIEW_NUMBERS, "clipping zero-point"},
	{"opset", "opset-policy version", "the version of the operators in a model",
		"QuantizeLinear has 16-bit integers from opset 21 on. A model below is "
		"raised when something is 16 bit, or, with opset-policy keep, the nodes "
		"are put into the domain com.microsoft.\n",
		VIEW_OPSET, "QDQ type"},
	{"overrides", "override json given",
		"the file of choices that ONNX Runtime reads",
		"For each tensor its type, and converts with the readers: what ONNX "
		"Runtime calls TensorQuantOverrides. Pane 5 shows the file as it will "
		"be written. Loaded entries stay as they are until you change them.\n",
		VIEW_REASONS, "boundary seed"},
	{"cost", "costs", "what a mixed model pays",
		"Each conversion moves its tensor once more, and 16-bit kernels are "
		"slower or missing on some devices. What a region costs stands in pane "
		"3; whether it pays is a question of accuracy.\n",
		VIEW_COST, "boundary region sqnr"},
	{"sqnr", "snr db decibel accuracy noise", "signal over quantization noise",
		"10 * log10(signal power / noise power), in dB. The noise of a step s is "
		"s * s / 12, so each further bit gives 6 dB, and 8 more bits 48 dB.\n",
		VIEW_NUMBERS, "scale type"},
};

const unsigned topic_count = sizeof(topics) / sizeof(*topics);

/* Letters and digits alone count. */
static bool same_word(const char *a, size_t length, const char *b)
{
	size_t i = 0;

	for (; *b; b++) {
		if (!isalnum((unsigned char)*b))
			continue;
		while (i < length && !isalnum((unsigned char)a[i]))
			i++;
		if (i >= length ||
			tolower((unsigned char)a[i]) != tolower((unsigned char)*b))
			return false;
		i++;
	}
	while (i < length && !isalnum((unsigned char)a[i]))
		i++;
	return i == length;
}

static bool has_word(const char *words, const char *word)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		if (same_word(words, n, word))
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

const struct topic *topic_find(const char *word)
{
	for (unsigned i = 0; *word && i < topic_count; i++)
		if (same_word(topics[i].word, strlen(topics[i].word), word) ||
			has_word(topics[i].also, word))
			return &topics[i];
	return NULL;
}
