/* One search for a better order: the tour it stands at, the best so far, and its chance. */
#ifndef DOORSTEP_SEARCH_H
#define DOORSTEP_SEARCH_H

#include "tour.h"

#define NEAR 24 /* neighbours kept of each node */

/* What the search goes on from at present; if no order was given, it goes one way only. */
typedef enum { FROM_GIVEN, FROM_NONE, FROM_BEST, FROM_NOTHING_GIVEN } way_t;

/* How stops come back into a tour: see search_recreate. */
typedef enum { STRICT, GENEROUS, REFUELLING } mood_t;

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
    way_t way;
} search_t;

void search_find_near(search_t *s);
int32_t search_ruin(search_t *s, tour_t *t, mood_t mood);
void search_order_pool(search_t *s, int32_t count);
void search_sort_pool(search_t *s, int32_t count);
int32_t search_recreate(search_t *s, tour_t *t, int32_t count, uint64_t *lots, mood_t mood);
int64_t search_cost(const search_t *s, const tour_t *t);
void search_take(search_t *s, const tour_t *t, int64_t cost);
void search_warm_up(search_t *s);
void search_begin(search_t *s);
void search_round(search_t *s, int64_t done);
int32_t search_is_over(const search_t *s);

#endif
