/* Encoding a model into memory. */
#include "base/output.h"
#include "base/text.h"
#include "onnx/encode.h"
#include "onnx/source.h"
#include "onnx/write.h"

#include <inttypes.h>
#include <sys/mman.h>

static bool encode_into(const struct model *model, struct output *out, uint64_t size,
	const struct progress *progress, struct error *err)
{
	struct encoder e;
	bool ok = encode_init(&e, model, out, progress, size, err) &&
		  encode_message(&e, &model->proto->base) && output_flush(out, err);

	encode_release(&e);
	return ok;
}

static bool map_image(
	const struct output *out, struct model_image *image, struct error *err)
{
	void *bytes = mmap(
		NULL, out->written, PROT_READ, MAP_PRIVATE | MAP_POPULATE, out->fd, 0);

	if (bytes == MAP_FAILED)
		return error_set_errno(err, "%s: memory", text_quoted_z(out->path));
	*image = (struct model_image){bytes, out->written};
	return true;
}

bool model_encode(const struct model *model, struct model_image *image,
	const struct progress *progress, struct error *err)
{
	uint64_t size = encode_size(&model->proto->base);
	struct output out;
	bool ok;

	*image = (struct model_image){0};
	if (size > INT32_MAX)
		return error_set(err, ERROR_REFUSED,
			"%s: the model has %" PRIu64
			" bytes, the runtime takes 2147483647; write it anew with "
			"'prepare --external-data always'",
			text_quoted_z(model->path), size);
	if (!model_check_unchanged(model, err) || !output_memory(&out, model->path, err))
		return false;
	ok = encode_into(model, &out, size, progress, err) && map_image(&out, image, err);
	output_abort(&out);
	return ok;
}

void model_image_release(struct model_image *image)
{
	if (image->bytes)
		munmap(image->bytes, image->size);
	*image = (struct model_image){0};
}

const char *model_folder(const struct model *model)
{
	return model->source->folder;
}
