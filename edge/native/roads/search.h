/* One search over a network of states: labels in milliseconds, and a queue of buckets.
 *
 * A state is an arc (turn-aware) or a node. Its edges lie side by side as (to, cost). */

#ifndef DOORSTEP_ROADS_SEARCH_H
#define DOORSTEP_ROADS_SEARCH_H

#include <stdint.h>

#define LONGEST_MS 400000000 /* 111 h, as LONGEST_LEG_MS: farther is unreachable */
#define UNTOUCHED INT32_MAX
#define NONE (-1)
#define NOT_QUEUED (-2)

#define BUCKET_SHIFT 9 /* a bucket is 512 ms wide */
#define BUCKETS 8192   /* 70 min; what lies beyond waits in one more bucket */

struct edge {
    int32_t to, cost;
};

struct state {
    int32_t label;  /* the least time found so far */
    int32_t next;   /* behind it in its bucket, or NONE */
    int32_t before; /* in front of it, NONE for the first, NOT_QUEUED outside */
    int32_t first;  /* its first edge; the state behind it has the end */
};

struct search {
    int32_t n;
    struct state *states;     /* n + 1 */
    const struct edge *edges;
    int32_t *parent;          /* n, where the label came from; NULL unless a way is asked for */
    int32_t *touched;         /* n, those with a label */
    int32_t touched_count;
    int32_t base;             /* the label at which the first bucket begins */
    int32_t bucket;           /* being emptied */
    int32_t heads[BUCKETS + 1];
};

/* Return a search over a network, or NULL: no memory, or the arrays are not a network. */
struct search *search_open(int32_t n, const int32_t *first, const struct edge *edges,
                           int32_t with_parents);
void search_close(struct search *search);

/* Forget every label. */
void search_clear(struct search *search);

/* Begin at a state that is reached after so long; `origin` is NONE - k for the k-th seed. */
void search_seed(struct search *search, int32_t at, int32_t label, int32_t origin);

/* Return the next state whose label is least but for those of its own bucket, having offered
 * its label to its successors; NONE at the end. A state can come again with a lower label,
 * though only from the same bucket. */
int32_t search_step(struct search *search);

/* The label at which the bucket being emptied begins: all lower ones are final. */
static inline int32_t search_floor(const struct search *search)
{
    return search->base + (search->bucket << BUCKET_SHIFT);
}

#endif
