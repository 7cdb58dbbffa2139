/* Tours in problems with more to keep to than a clock that always runs the same: loads, pairs,
 * breaks, energy, traffic. Every change is driven through exactly; see laden.c. */
#ifndef DOORSTEP_LADEN_H
#define DOORSTEP_LADEN_H

#include "tour.h"

#define SMALL 14 /* stops up to which nothing is ruled out that may be best */

/* Part of a changed tour: one stop from outside it, or its positions `from` to `to`, backwards
 * if `to` is the smaller. */
typedef struct {
    int32_t node, from, to;
} run_t;

int64_t laden_step(const terrain_t *on, state_t *state, int32_t from, int32_t to);
void laden_drive(tour_t *tour, int32_t from);
int64_t laden_relief(const tour_t *t, int32_t p, const state_t *state);
int64_t laden_tail(const tour_t *t, int32_t p, state_t state, int64_t limit);
int64_t laden_try(const tour_t *t, int32_t at, const run_t *runs, int32_t count, int64_t limit);

typedef struct {
    int32_t first, second; /* positions: before these two the pair is put; -1: nowhere */
    int64_t cost;
} places_t;

int32_t laden_best_place(tour_t *t, int32_t node, int64_t most, uint64_t *lots);
places_t laden_best_pair(tour_t *t, int32_t pickup, int64_t most, uint64_t *lots);
int32_t laden_shed(tour_t *t, int32_t hurry);
int32_t laden_keeps_pairs(const tour_t *t, int32_t from, int32_t to, int32_t first, int32_t last);

#endif
