/* The search for a better order of one vehicle's remaining stops.
 *
 * Rounds of ruin and recreate (ruin.c); what comes out promising is improved by moves
 * (moves.c); a worse order is taken over at times, less and less (annealing). Whole numbers
 * decide everything, so that a number of rounds gives the same answer on every machine. No
 * Python.h: called through ctypes by edge/native/kernel.py, which checks every argument. */
#define _POSIX_C_SOURCE 199309L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "search.h"

#define HOT 10            /* a tenth of a mean leg */
#define HALVINGS 7        /* of the heat, from the first round to the last */
#define PROMISING 10      /* times the slack: worth the moves */
#define ROUNDS_PER_LOOK 4 /* at the clock */
#define NEVER_LATER INT64_MAX

/* -ln((i + 0.5) / 64) * 256: how much worse than the present an order may be. */
static const int32_t SLACK[64] = {
    1242, 961, 830, 744, 680, 628, 585, 549, 517, 488, 463, 439, 418, 398, 380, 363,
    347, 332, 318, 304, 291, 279, 268, 256, 246, 236, 226, 216, 207, 198, 190, 181,
    173, 166, 158, 151, 144, 137, 130, 124, 117, 111, 105, 99, 93, 87, 82, 76,
    71, 66, 61, 56, 51, 46, 41, 36, 32, 27, 23, 19, 14, 10, 6, 2};

static int64_t clock_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t whole_cost(const search_t *s, const tour_t *t) {
    int64_t left_out = s->all_drops;
    for (int32_t p = 1; p <= t->m; p++) {
        left_out -= s->on.drop[t->node[p]];
    }
    return t->cost + left_out;
}

/* Improve a tour by moves until none gains, or the time is over. */
static void walk_downhill(search_t *s, tour_t *t) {
    int32_t quiet = 0, at = s->on.locked;
    while (quiet <= t->m) {
        int32_t better = move_exchange(t, s->near, NEAR, s->near_count, s->scratch, at) ||
                         move_reverse(t, s->near, NEAR, s->near_count, at);
        quiet = better ? 0 : quiet + 1;
        at = at < t->m - 1 ? at + 1 : s->on.locked;
        if ((quiet & 15) == 0 && clock_ns() >= s->until_ns) {
            return;
        }
    }
}

static void take(search_t *s, tour_t *t, int64_t cost) {
    s->now_cost = cost;
    if (cost < s->best_cost) {
        s->best_cost = cost;
        s->best_m = t->m;
        memcpy(s->best, t->node + 1, (size_t)t->m * sizeof *s->best);
    }
}

static void copy_order(tour_t *to, const tour_t *from) {
    to->m = from->m;
    memcpy(to->node, from->node, (size_t)(from->m + 2) * sizeof *to->node);
    memcpy(to->place, from->place, (size_t)from->on->width * sizeof *to->place);
}

/* How much worse than the present an order may be to be taken over; `done` of 1024 is over. */
static int64_t slack_of(search_t *s, int64_t done) {
    int64_t halved = done * HALVINGS, heat = s->heat >> (halved / 1024);
    heat -= heat / 2 * (halved % 1024) / 1024;
    return heat * SLACK[below(&s->lots, 64)] / 256;
}

static void one_round(search_t *s, int64_t done) {
    tour_t *t = &s->trial;
    copy_order(t, &s->now);
    int32_t count = search_ruin(s, t);
    search_order_pool(s, count);
    search_recreate(s, t, count, &s->lots);
    int64_t cost = whole_cost(s, t), slack = slack_of(s, done);
    if (cost != s->now_cost && cost < s->now_cost + PROMISING * slack) {
        walk_downhill(s, t);
        cost = whole_cost(s, t);
    }
    s->rounds++;
    if (cost < s->now_cost + slack) {
        tour_t swap = s->now;
        s->now = s->trial;
        s->trial = swap;
        take(s, &s->now, cost);
    }
}

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

static void lay_out_tour(tour_t *t, block_t *block, size_t width) {
    size_t k = width + 2;
    int64_t **wide[] = {&t->arrive, &t->begin, &t->waits, &t->slope, &t->latest,
                        &t->dear,   &t->bound, &t->exact, &t->later};
    int32_t **narrow[] = {&t->node, &t->place, &t->link, &t->timed, &t->timed_from};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        *wide[i] = room(block, k, sizeof(int64_t));
    }
    for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++) {
        *narrow[i] = room(block, k, sizeof(int32_t));
    }
}

static void lay_out(search_t *s, block_t *block, size_t width, size_t windows) {
    terrain_t *on = &s->on;
    int64_t **times[] = {&on->leg, &on->leg_to};
    int32_t **prices[] = {&on->price, &on->price_to};
    int64_t **wide[] = {&on->late_weight, &on->latest_told, &on->drop, &s->key};
    int32_t **narrow[] = {&s->best, &s->pool, &s->scratch};
    for (size_t i = 0; i < 2; i++) {
        *times[i] = room(block, width * width, sizeof(int64_t));
        *prices[i] = room(block, width * width, sizeof(int32_t));
    }
    for (size_t i = 0; i < 4; i++) {
        *wide[i] = room(block, width, sizeof(int64_t));
    }
    for (size_t i = 0; i < 3; i++) {
        *narrow[i] = room(block, width, sizeof(int32_t));
    }
    on->window_from = room(block, width + 1, sizeof(int32_t));
    on->opens = room(block, windows, sizeof(int64_t));
    on->closes = room(block, windows, sizeof(int64_t));
    s->near = room(block, width * NEAR, sizeof(int32_t));
    s->taken = room(block, width, 1);
    lay_out_tour(&s->now, block, width);
    lay_out_tour(&s->trial, block, width);
    s->now.on = s->trial.on = on;
}

static void copy_terrain(terrain_t *on, const int64_t *leg, const int32_t *price,
                         const int32_t *window_from, const int64_t *opens,
                         const int64_t *closes, const int64_t *late_weight,
                         const int64_t *drop) {
    size_t width = (size_t)on->width, windows = (size_t)window_from[on->width];
    for (size_t i = 0; i < width; i++) {
        for (size_t j = 0; j < width; j++) {
            on->leg[i * width + j] = on->leg_to[j * width + i] = leg[i * width + j];
            on->price[i * width + j] = on->price_to[j * width + i] = price[i * width + j];
        }
        on->late_weight[i] = late_weight[i];
        on->latest_told[i] = late_weight[i] ? DEAREST / late_weight[i] : INT64_MAX;
        on->drop[i] = drop[i];
        on->gaps |= window_from[i + 1] - window_from[i] > 1;
    }
    memcpy(on->window_from, window_from, (width + 1) * sizeof *window_from);
    memcpy(on->opens, opens, windows * sizeof *opens);
    memcpy(on->closes, closes, windows * sizeof *closes);
}

/* Put stops that no order names in where each adds least, early windows first. */
static void put_in_missing(search_t *s) {
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
    search_recreate(s, &s->now, count, NULL);
    take(s, &s->now, whole_cost(s, &s->now));
}

/* Begin a search from an order of m stops, locked ones first. Arrays as in terrain_t; every
 * argument was checked by edge/native/kernel.py. Returns NULL without memory. */
void *doorstep_replan_open(int32_t n, int32_t locked, const int64_t *leg, const int32_t *price,
                           const int32_t *window_from, const int64_t *opens,
                           const int64_t *closes, const int64_t *late_weight,
                           const int64_t *drop, int64_t wait_pct, int64_t start_ms,
                           const int32_t *order, int32_t m, uint64_t seed) {
    size_t width = (size_t)n + 2, windows = (size_t)window_from[width];
    block_t block = {NULL, 0};
    search_t *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    lay_out(s, &block, width, windows);
    s->memory = calloc(1, block.used);
    if (!s->memory) {
        free(s);
        return NULL;
    }
    block = (block_t){s->memory, 0};
    lay_out(s, &block, width, windows);
    s->opened_ns = clock_ns();
    s->on.n = n;
    s->on.end = n + 1;
    s->on.width = n + 2;
    s->on.locked = locked;
    s->on.wait_pct = wait_pct;
    s->on.start_ms = start_ms;
    copy_terrain(&s->on, leg, price, window_from, opens, closes, late_weight, drop);
    for (int32_t node = 1; node <= n; node++) {
        s->all_drops += drop[node];
    }
    s->lots = seed * 0x9E3779B97F4A7C15ULL + 1;
    s->lots = s->lots ? s->lots : 1;
    s->near_count = n - 1 < NEAR ? (n > 0 ? n - 1 : 0) : NEAR;
    search_find_near(s);
    memset(s->now.place, -1, width * sizeof *s->now.place);
    memset(s->trial.place, -1, width * sizeof *s->trial.place);
    s->now.m = m;
    memcpy(s->now.node + 1, order, (size_t)m * sizeof *order);
    tour_drive(&s->now);
    s->best_cost = INT64_MAX;
    take(s, &s->now, whole_cost(s, &s->now));
    put_in_missing(s);
    int64_t links = 0;
    for (int32_t p = 1; p <= s->now.m + 1; p++) {
        links += s->now.link[p];
    }
    s->heat = links * FINE / (s->now.m + 1) / HOT;
    return s;
}

/* The first round: nothing taken out, only moves. */
static void begin_walk(search_t *s) {
    walk_downhill(s, &s->now);
    take(s, &s->now, whole_cost(s, &s->now));
    s->walked = 1;
}

static int32_t nothing_to_choose(const search_t *s) { return s->on.n == s->on.locked; }

/* Do some rounds, which are `done` to `until` of 1024 of the whole search: the same on every
 * machine. */
void doorstep_replan_rounds(void *search, int64_t rounds, int64_t done, int64_t until) {
    search_t *s = search;
    s->until_ns = NEVER_LATER;
    if (rounds > 0 && !s->walked) {
        begin_walk(s);
    }
    for (int64_t i = 0; i < rounds && !nothing_to_choose(s); i++) {
        one_round(s, done + (until - done) * i / rounds);
    }
}

/* Search for a slice of the time that the whole may take since it was opened. Returns whether
 * that time is over. */
int32_t doorstep_replan_slice(void *search, int64_t slice_ns, int64_t whole_ns) {
    search_t *s = search;
    int64_t end_ns = s->opened_ns + whole_ns, now_ns = clock_ns();
    s->until_ns = now_ns + slice_ns < end_ns ? now_ns + slice_ns : end_ns;
    if (nothing_to_choose(s)) {
        return 1;
    }
    if (!s->walked && now_ns < end_ns) {
        begin_walk(s);
    }
    for (int64_t i = 0, done = 0; ; i++) {
        if (i % ROUNDS_PER_LOOK == 0) {
            now_ns = clock_ns();
            if (now_ns >= s->until_ns) {
                return now_ns >= end_ns;
            }
            done = (now_ns - s->opened_ns) / 1024 * 1024 / (whole_ns / 1024 + 1);
        }
        one_round(s, done < 1024 ? done : 1024);
    }
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
