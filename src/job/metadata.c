#include "job/metadata.h"

#include "base/names.h"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Onnx__StringStringEntryProto *make_entry(
	struct model *model, const char *key, const char *value)
{
	Onnx__StringStringEntryProto *entry = arena_alloc(&model->arena, sizeof(*entry));

	if (!entry)
		return NULL;
	onnx__string_string_entry_proto__init(entry);
	entry->has_key = true;
	entry->key = model_bytes(model, key, strlen(key));
	entry->has_value = true;
	entry->value = model_bytes(model, value, strlen(value));
	return entry->key.data && entry->value.data ? entry : NULL;
}

bool metadata_set(
	struct model *model, const char *key, const char *value, struct error *err)
{
	Onnx__ModelProto *proto = model->proto;
	size_t count = proto->n_metadata_props, at = 0;
	Onnx__StringStringEntryProto **list =
		arena_zalloc(&model->arena, count + 1, sizeof(*list));
	Onnx__StringStringEntryProto *entry = make_entry(model, key, value);

	if (!list || !entry)
		return error_set_memory(err, "the metadata");
	if (count)
		memcpy(list, proto->metadata_props, count * sizeof(*list));
	while (at < count && !bytes_equal(list[at]->key, key))
		at++;
	list[at] = entry;
	proto->metadata_props = list;
	proto->n_metadata_props = at == count ? count + 1 : count;
	return true;
}

bool metadata_add(struct model *model, const struct overrides *overrides,
	const struct graph *graph, struct error *err)
{
	size_t length;
	char *json = overrides_write(overrides, graph, &length, NULL);
	char digest[17];

	if (!json)
		return error_set_memory(err, "the metadata");
	snprintf(digest, sizeof(digest), "%016" PRIx64, names_hash(json, length));
	free(json);
	return metadata_set(model, "qdqedit.version", PACKAGE_VERSION, err) &&
	       metadata_set(model, "qdqedit.overrides", digest, err);
}
