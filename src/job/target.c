#include "job/target.h"

#include "base/text.h"
#include "onnx/write.h"

#include <string.h>
#include <sys/stat.h>

bool target_check(
	const struct model *model, const char *path, bool force, struct error *err)
{
	int input = model_input_fd(model);
	struct stat file, own;

	if (!strcmp(path, "-") || stat(path, &file) != 0)
		return true;
	if (S_ISDIR(file.st_mode))
		return error_set(err, ERROR_REFUSED,
			"%s: is a folder; give the name of a file", text_path(path));
	if (!S_ISREG(file.st_mode))
		return true;
	if (input >= 0 && fstat(input, &own) == 0 && own.st_dev == file.st_dev &&
		own.st_ino == file.st_ino)
		return error_set(err, ERROR_REFUSED,
			"%s: is the input file; write to another name", text_path(path));
	if (!force)
		return error_set_exists(err, text_path(path));
	return !model_has_side_file(model, &file) ||
	       error_set(err, ERROR_REFUSED,
		       "%s: holds weights of the input; write to another name",
		       text_path(path));
}

bool target_check_other(const char *path, const char *input, struct error *err)
{
	struct stat x, y;

	return !path || !input || stat(path, &x) != 0 || stat(input, &y) != 0 ||
	       !S_ISREG(x.st_mode) || x.st_dev != y.st_dev || x.st_ino != y.st_ino ||
	       error_set(err, ERROR_REFUSED,
		       "%s: is one of the input files; write to another name",
		       text_path(path));
}
