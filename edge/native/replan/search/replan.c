/* The search for a better order of one vehicle's remaining stops: what Python calls.
 *
 * The search itself is course.c, what it works on tour.c. Whole numbers decide everything, so
 * that a number of rounds gives the same answer on every machine. No Python.h: called through
 * ctypes by edge/native/replan/kernel.py, which checks every argument. */
#define _POSIX_C_SOURCE 199309L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "search.h"

int64_t search_clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Whether the time of this slice is over. */
int32_t search_is_over(const search_t *s) { return tour_is_over(&s->now); }

/* One block for everything; without a base it is only measured. */
typedef struct {
    char *base;
    size_t used;
} block_t;

static void *room(block_t *block, size_t count, size_t size) {
    void *here = block->base ? block->base + block->used : NULL;
    block->used += (count * size + 7) / 8 * 8;
    return here;
}

static void lay_out_tour(tour_t *t, block_t *block, size_t width, int32_t laden) {
    size_t k = width + 3;
    int64_t **wide[] = {&t->arrive, &t->begin, &t->spent, &t->waits,
                        &t->slope,  &t->slack, &t->dear,  &t->bound};
    int64_t **if_laden[] = {&t->ease, &t->rest, &t->spare, &t->behind};
    int32_t **narrow[] = {&t->node, &t->place, &t->link, &t->timed, &t->timed_from};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        *wide[i] = room(block, k, sizeof(int64_t));
    }
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        *narrow[i] = room(block, k, sizeof(int32_t));
    }
    if (!laden) {
        return;
    }
    for (size_t i = 0; i < sizeof if_laden / sizeof *if_laden; i++) {
        *if_laden[i] = room(block, k, sizeof(int64_t));
    }
    t->peak = room(block, k * DIMENSIONS, sizeof(int64_t));
    t->state = room(block, k, sizeof(state_t));
}

static void lay_out(search_t *s, block_t *block, size_t width) {
    int32_t **narrow[] = {&s->best, &s->pool, &s->scratch};
    s->key = room(block, width, sizeof(int64_t));
    for (size_t i = 0; i < 3; i++) {
        *narrow[i] = room(block, width, sizeof(int32_t));
    }
    s->near = room(block, width * NEAR, sizeof(int32_t));
    s->taken = room(block, width, 1);
    lay_out_tour(&s->now, block, width, s->on.laden != 0);
    lay_out_tour(&s->trial, block, width, s->on.laden != 0);
    s->now.on = s->trial.on = &s->on;
    s->now.until_ns = s->trial.until_ns = &s->until_ns;
}

/* List the stops that no order names in the pool, early windows first. Returns how many. */
static int32_t list_missing(search_t *s) {
    const terrain_t *on = &s->on;
    int32_t count = 0;
    for (int32_t node = 1; node <= on->n; node++) {
        int32_t end = on->window_from[node + 1];
        s->key[node] = end == on->window_from[node] ? INT64_MAX : on->closes[end - 1];
        if (s->now.place[node] < 0) {
            s->pool[count++] = node;
        }
    }
    search_sort_pool(s, count);
    return count;
}

/* Go back to the best order, and put what is missing at its end where that pays: for this there
 * is always time. */
static void put_in_last(search_t *s) {
    const terrain_t *on = &s->on;
    tour_t *t = &s->now;
    memset(t->place, -1, (size_t)on->width * sizeof *t->place);
    t->m = s->best_m;
    memcpy(t->node + 1, s->best, (size_t)s->best_m * sizeof *s->best);
    tour_drive(t, 1);
    int64_t cost = search_cost(s, t), with_it;
    for (int32_t i = 0, count = list_missing(s); i < count; i++) {
        int32_t node = s->pool[i], delivery = on->delivery_of[node];
        if (t->place[node] >= 0) {
            continue; /* it came with its pickup */
        }
        if (on->pickup_of[node] && t->place[on->pickup_of[node]] < 0) {
            continue; /* it goes with its pickup */
        }
        delivery = delivery && t->place[delivery] < 0 ? delivery : 0;
        tour_insert(t, node, t->m + 1);
        if (delivery) {
            tour_insert(t, delivery, t->m + 1);
        }
        with_it = search_cost(s, t);
        if (with_it < cost) {
            cost = with_it;
            continue;
        }
        if (delivery) {
            tour_take_out(t, t->m);
        }
        tour_take_out(t, t->m);
    }
    search_take(s, t, cost);
}

/* Put stops that no order names in where each adds least, early windows first. */
static void put_in_missing(search_t *s) {
    int32_t count = list_missing(s);
    int32_t whole =
        search_recreate(s, &s->now, count, NULL, s->on.energy ? REFUELLING : GENEROUS);
    search_take(s, &s->now, search_cost(s, &s->now));
    if (!whole) {
        put_in_last(s);
    }
}

/* Begin a search from an order of m stops, locked ones first, pairs whole. A first order of all
 * stops takes half of the time that the whole may take, and little more if that is not enough.
 * Every argument was checked by edge/native/replan/kernel.py. Returns NULL without memory. */
void *doorstep_replan_open(const terrain_t *on, const int32_t *order, int32_t m, uint64_t seed,
                           int64_t whole_ns) {
    int32_t n = on->n;
    size_t width = (size_t)on->width;
    block_t block = {NULL, 0};
    search_t *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->on = *on;
    lay_out(s, &block, width);
    s->memory = calloc(1, block.used);
    if (!s->memory) {
        free(s);
        return NULL;
    }
    block = (block_t){s->memory, 0};
    lay_out(s, &block, width);
    s->opened_ns = search_clock_ns();
    s->until_ns = whole_ns == NEVER_LATER ? NEVER_LATER : s->opened_ns + whole_ns / 2;
    for (int32_t node = 1; node <= n; node++) {
        s->all_drops += on->drop[node];
    }
    s->lots = seed * 0x9E3779B97F4A7C15ULL + 1;
    s->lots = s->lots ? s->lots : 1;
    s->near_count = n - 1 < NEAR ? (n > 0 ? n - 1 : 0) : NEAR;
    search_find_near(s);
    memset(s->now.place, -1, width * sizeof *s->now.place);
    memset(s->trial.place, -1, width * sizeof *s->trial.place);
    s->now.m = m;
    memcpy(s->now.node + 1, order, (size_t)m * sizeof *order);
    tour_drive(&s->now, 1);
    s->best_cost = INT64_MAX;
    search_take(s, &s->now, search_cost(s, &s->now));
    put_in_missing(s);
    s->way = m > on->locked ? FROM_GIVEN : FROM_NOTHING_GIVEN;
    search_warm_up(s);
    return s;
}

static int32_t nothing_to_choose(const search_t *s) { return s->on.n == s->on.locked; }

/* Do some rounds, which are `done` to `until` of 1024 of the whole search: the same on every
 * machine. */
void doorstep_replan_rounds(void *search, int64_t rounds, int64_t done, int64_t until) {
    search_t *s = search;
    s->until_ns = NEVER_LATER;
    if (rounds > 0 && !s->walked) {
        search_begin(s);
    }
    for (int64_t i = 0; i < rounds && !nothing_to_choose(s); i++) {
        search_round(s, done + (until - done) * i / rounds);
    }
}

/* Search for a slice of the time that the whole may take since it was opened. Returns whether
 * that time is over. */
int32_t doorstep_replan_slice(void *search, int64_t slice_ns, int64_t whole_ns) {
    search_t *s = search;
    int64_t end_ns = s->opened_ns + whole_ns, now_ns = search_clock_ns();
    s->until_ns = now_ns + slice_ns < end_ns ? now_ns + slice_ns : end_ns;
    if (nothing_to_choose(s)) {
        return 1;
    }
    if (!s->walked && now_ns < end_ns) {
        search_begin(s);
    }
    while (now_ns < s->until_ns) {
        int64_t done = (now_ns - s->opened_ns) / 1024 * 1024 / (whole_ns / 1024 + 1);
        search_round(s, done < 1024 ? done : 1024);
        now_ns = search_clock_ns();
    }
    return now_ns >= end_ns;
}

/* Copy the best order so far, its fine cost and the rounds done; returns its length. */
int32_t doorstep_replan_best(const void *search, int32_t *order, int64_t *cost,
                             int64_t *rounds) {
    const search_t *s = search;
    *cost = s->best_cost;
    memcpy(order, s->best, (size_t)s->best_m * sizeof *order);
    *rounds = s->rounds;
    return s->best_m;
}

void doorstep_replan_close(void *search) {
    free(((search_t *)search)->memory);
    free(search);
}
