/* Dijkstra's search with buckets for a queue.
 *
 * A bucket holds labels of half a second in no order, so a state may leave it before
 * its label is least and come again; as the labels of a bucket are whole numbers, that is
 * bounded, and what is found is exact. Lists run through the states: nothing is allocated. */

#include "search.h"

#include <stdlib.h>

/* Have the processor fetch what is read next: a tenth quicker, for memory is what is slow. */
#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)0)
#endif

static int is_network(int32_t n, const int32_t *first)
{
    if (n < 0 || first[0] != 0)
        return 0;
    for (int32_t i = 0; i < n; i++)
        if (first[i + 1] < first[i])
            return 0;
    return 1;
}

static int are_edges(int32_t n, int32_t count, const struct edge *edges)
{
    for (int32_t i = 0; i < count; i++)
        if (edges[i].to < 0 || edges[i].to >= n || edges[i].cost < 0 ||
            edges[i].cost > LONGEST_MS)
            return 0;
    return 1;
}

struct search *search_open(int32_t n, const int32_t *first, const struct edge *edges,
                           int32_t with_parents)
{
    if (!is_network(n, first) || !are_edges(n, first[n], edges))
        return NULL;
    struct search *search = calloc(1, sizeof *search);
    if (search == NULL)
        return NULL;
    search->n = n;
    search->edges = edges;
    search->states = malloc(((size_t)n + 1) * sizeof *search->states);
    search->touched = malloc(((size_t)n + 1) * sizeof *search->touched);
    search->parent = with_parents ? malloc(((size_t)n + 1) * sizeof *search->parent) : NULL;
    if (search->states == NULL || search->touched == NULL ||
        (with_parents && search->parent == NULL)) {
        search_close(search);
        return NULL;
    }
    for (int32_t i = 0; i <= n; i++)
        search->states[i] = (struct state){UNTOUCHED, NONE, NOT_QUEUED, first[i]};
    for (int32_t i = 0; i <= BUCKETS; i++)
        search->heads[i] = NONE;
    return search;
}

void search_close(struct search *search)
{
    if (search == NULL)
        return;
    free(search->states);
    free(search->touched);
    free(search->parent);
    free(search);
}

void search_clear(struct search *search)
{
    for (int32_t i = 0; i < search->touched_count; i++) {
        struct state *state = &search->states[search->touched[i]];
        state->label = UNTOUCHED;
        state->before = NOT_QUEUED;
    }
    if (search->bucket < BUCKETS)
        for (int32_t i = search->bucket; i <= BUCKETS; i++)
            search->heads[i] = NONE;
    search->heads[BUCKETS] = NONE;
    search->touched_count = search->base = search->bucket = 0;
}

static inline int32_t bucket_of(const struct search *search, int32_t label)
{
    const int32_t bucket = (label - search->base) >> BUCKET_SHIFT;
    return bucket < BUCKETS ? bucket : BUCKETS;
}

static inline void put(struct search *search, int32_t at, int32_t bucket)
{
    struct state *state = &search->states[at];
    const int32_t behind = search->heads[bucket];
    state->next = behind;
    state->before = NONE;
    if (behind != NONE)
        search->states[behind].before = at;
    search->heads[bucket] = at;
}

static inline void take_out(struct search *search, const struct state *state, int32_t bucket)
{
    if (state->before == NONE)
        search->heads[bucket] = state->next;
    else
        search->states[state->before].next = state->next;
    if (state->next != NONE)
        search->states[state->next].before = state->before;
}

static inline void offer(struct search *search, int32_t at, int32_t label, int32_t from)
{
    struct state *state = &search->states[at];
    if (label >= state->label || label > LONGEST_MS)
        return;
    const int32_t bucket = bucket_of(search, label);
    if (state->label == UNTOUCHED)
        search->touched[search->touched_count++] = at;
    const int32_t old = state->label;
    state->label = label;
    if (search->parent != NULL)
        search->parent[at] = from;
    if (state->before != NOT_QUEUED) {
        const int32_t old_bucket = bucket_of(search, old);
        if (old_bucket == bucket)
            return;
        take_out(search, state, old_bucket);
    }
    put(search, at, bucket);
}

void search_seed(struct search *search, int32_t at, int32_t label, int32_t origin)
{
    offer(search, at, label, origin);
}

/* Spread what waits beyond the last bucket; return 0 if nothing does. */
static int move_on(struct search *search)
{
    int32_t at = search->heads[BUCKETS];
    if (at == NONE)
        return 0;
    int32_t least = UNTOUCHED;
    for (int32_t i = at; i != NONE; i = search->states[i].next)
        if (search->states[i].label < least)
            least = search->states[i].label;
    search->heads[BUCKETS] = NONE;
    search->base = least;
    search->bucket = 0;
    while (at != NONE) {
        const int32_t next = search->states[at].next;
        put(search, at, bucket_of(search, search->states[at].label));
        at = next;
    }
    return 1;
}

int32_t search_step(struct search *search)
{
    while (search->heads[search->bucket] == NONE || search->bucket == BUCKETS) {
        if (search->bucket < BUCKETS)
            search->bucket++;
        else if (!move_on(search))
            return NONE;
    }
    const int32_t at = search->heads[search->bucket];
    struct state *state = &search->states[at];
    search->heads[search->bucket] = state->next;
    if (state->next != NONE) {
        search->states[state->next].before = NONE;
        FETCH(&search->edges[search->states[state->next].first]);
    }
    state->before = NOT_QUEUED;
    const int32_t label = state->label, end = state[1].first;
    for (int32_t i = state->first; i < end; i++)
        FETCH(&search->states[search->edges[i].to]);
    for (int32_t i = state->first; i < end; i++)
        offer(search, search->edges[i].to, label + search->edges[i].cost, at);
    return at;
}
