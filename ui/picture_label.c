/* What stands on the lines of a picture: names, shapes and types of tensors. */
#include "base/text.h"
#include "ui/picture.h"
#include "ui/words.h"

#include <stdio.h>
#include <string.h>

enum { NAME_ROOM = 25 };

char *picture_label(const struct outcome *outcome, unsigned edges, tensor_id tensor,
	char *out, size_t room)
{
	const char *name = graph_tensor_name(outcome->graph, tensor);
	char clean[NAME_ROOM], extents[64];
	const char *parts[] = {
		edges & EDGE_NAME ? text_escape(clean, sizeof(clean), name, strlen(name))
				  : "",
		edges & EDGE_SHAPE
			? word_extents(outcome->graph, tensor, extents, sizeof(extents))
			: "",
		edges & EDGE_TYPE ? word_tensor_type(outcome, tensor) : "",
	};
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (*parts[i] && at < room)
			at += (size_t)snprintf(
				out + at, room - at, "%s%s", at ? " " : "", parts[i]);
	return out;
}
