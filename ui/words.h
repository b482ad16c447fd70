/* Short words for types, tensors and nodes, the same in all panes. */
#ifndef QDQEDIT_UI_WORDS_H
#define QDQEDIT_UI_WORDS_H

#include "plan/outcome.h"
#include "ui/frame.h"

/* "u8"; "-" for what is not quantized. */
const char *word_type(unsigned type);

/* The type of a tensor as one reads it in lists: stored type, "i32" of a bias. */
const char *word_tensor_type(const struct outcome *outcome, tensor_id tensor);

/* The role of a node or tensor: seed, implied, error, constant or plain. */
enum role node_role(const struct outcome *outcome, node_id node);
enum role tensor_role(const struct outcome *outcome, tensor_id tensor);

/* '*' chosen, '+' follows, 'l' loaded, '!' conflict, ' '. A node shares the mark of its
 * first output. */
char node_mark(const struct outcome *outcome, node_id node);
char tensor_mark(const struct outcome *outcome, tensor_id tensor);

/* True if the node runs in another type than the base one. */
bool node_is_promoted(const struct outcome *outcome, node_id node);

/* "graph input", "const 8x3x3", "by Op4" into `out`. */
char *word_origin(const struct graph *graph, tensor_id tensor, char *out, size_t room);

/* "8x3x3" or "[]"; "?" for what is unknown. */
char *word_extents(const struct graph *graph, tensor_id tensor, char *out, size_t room);

/* Bits of a type for conversion marks: "16". */
int type_bits(unsigned type);

/* A large number with spaces between thousands: "100 000". */
char *word_number(uint64_t number, char out[32]);

/* "31 %, 14 s left" of work that took `spent` ms so far; no time while that is a guess.
 */
char *word_share(uint64_t done, uint64_t whole, uint64_t spent, char out[48]);

/* A bar of 0 to 8 eighths. */
const char *word_bar(int eighths);

/* A path as people write it, "~/nets/a.onnx" below the home folder: into `out`, cut at
 * its end (path_from_home goes back). */
char *word_path(const char *path, char *out, size_t room);

/* "1.2 MB". */
char *word_bytes(uint64_t bytes, char out[32]);

#endif
