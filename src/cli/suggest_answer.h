/* What `suggest` answers: as text, JSON and CSV. Private to src/cli. */
#ifndef QDQEDIT_CLI_SUGGEST_ANSWER_H
#define QDQEDIT_CLI_SUGGEST_ANSWER_H

#include "job/suggest.h"

/* False when memory is gone. With `all` the whole ranking and the whole curve. */
bool suggest_put_text(
	const struct session *session, const struct suggest_report *report, bool all);
/* The ranking, a tensor a line. */
void suggest_put_csv(const struct session *session, const struct suggest_report *report);
int suggest_put_json(const struct session *session, const struct suggest_report *report);

#endif
