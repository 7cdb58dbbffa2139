/* One search for a better order: the tour it stands at, the best so far, and its chance. */
#ifndef DOORSTEP_SEARCH_H
#define DOORSTEP_SEARCH_H

#include "tour.h"

#define NEAR 24 /* neighbours kept of each node */

typedef struct {
    terrain_t on;
    tour_t now, trial;
    int64_t now_cost, best_cost, all_drops, heat;
    int32_t *best, best_m;
    int32_t *near, near_count;
    int32_t *pool, *scratch;
    int64_t *key;
    uint8_t *taken;
    uint64_t lots;
    int64_t rounds, opened_ns, until_ns;
    void *memory;
    int32_t walked; /* the moves have been tried on the first order */
} search_t;

void search_find_near(search_t *s);
int32_t search_ruin(search_t *s, tour_t *t);
void search_order_pool(search_t *s, int32_t count);
void search_sort_pool(search_t *s, int32_t count);
void search_recreate(search_t *s, tour_t *t, int32_t count, uint64_t *lots);

#endif
