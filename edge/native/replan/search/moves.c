/* Moves that turn one tour into a better one without taking stops out: neighbouring strings
 * exchanged (the 3-opt move without reversal; Or, 1976) and a string reversed (Croes, 1958). */
#include "laden.h"

#include <string.h>

#define WIDTH 10        /* neighbours tried from each stop */
#define LONGEST_TURN 50 /* a longer string reversed is driven anew, stop by stop */
#define NO_LIMIT (INT64_MAX / 4)

/* What is gained in all by a | b+1..c | a+1..b | c+1, of which `links` in links; it need not be
 * told exactly unless it is more than `least`. */
static int64_t exchange_gain(const tour_t *t, int32_t a, int32_t b, int32_t c, int64_t links,
                             int64_t least) {
    const terrain_t *on = t->on;
    const int32_t *v = t->node;
    if (on->laden) {
        run_t runs[] = {{0, b + 1, c}, {0, a + 1, b}, {0, c + 1, t->m + 1}};
        int32_t keeps = laden_keeps_pairs(t, a + 1, b, b + 1, c);
        return keeps ? -laden_try(t, a, runs, 3, -least) : 0;
    }
    int64_t later = t->begin[a] + leg_of(on, v[a], v[b + 1]) - t->arrive[b + 1];
    int64_t added = tour_shifted(t, b + 1, c, &later, NO_LIMIT);
    later += t->begin[c] + leg_of(on, v[c], v[a + 1]) - t->arrive[a + 1];
    added += tour_shifted(t, a + 1, b, &later, NO_LIMIT);
    later += t->begin[b] + leg_of(on, v[b], v[c + 1]) - t->arrive[c + 1];
    added += tour_shifted(t, c + 1, t->m + 1, &later, links - added);
    return links - added;
}

typedef struct {
    int64_t gain;
    int32_t a, b, c;
} exchange_t;

/* Try the exchange of a+1..b and b+1..c if its links alone gain more than the best so far. */
static void try_exchange(const tour_t *t, int32_t a, int32_t b, int32_t c, exchange_t *best) {
    const int32_t *v = t->node;
    int64_t links = (int64_t)t->link[a + 1] + t->link[b + 1] + t->link[c + 1] -
                    price_at(t, a, v[a], v[b + 1]) - price_at(t, c, v[c], v[a + 1]) -
                    price_at(t, b, v[b], v[c + 1]);
    if (links * FINE <= best->gain) {
        return;
    }
    int64_t gain = exchange_gain(t, a, b, c, links * FINE, best->gain);
    if (gain > best->gain) {
        *best = (exchange_t){gain, a, b, c};
    }
}

/* Make the best exchange that gives the stop at position `at` a nearer follower. Returns
 * whether there was one. */
int32_t move_exchange(tour_t *t, const int32_t *near, int32_t stride, int32_t count,
                      int32_t *scratch, int32_t at) {
    const terrain_t *on = t->on;
    int32_t here = t->node[at];
    exchange_t best = {0, 0, 0, 0};
    for (int32_t i = 0; i < count && i < WIDTH; i++) {
        int32_t other = near[(ptrdiff_t)here * stride + i], q = t->place[other];
        if (q <= on->locked || price_at(t, at, here, other) >= t->link[at + 1]) {
            continue;
        }
        if (q > at + 1) { /* what lies between goes behind some string that begins at q */
            for (int32_t c = q; c <= t->m; c++) {
                try_exchange(t, at, q - 1, c, &best);
            }
        } else if (q < at) { /* a string that begins at q goes behind here */
            for (int32_t b = q; b < at; b++) {
                try_exchange(t, q - 1, b, at, &best);
            }
        }
    }
    if (best.gain <= 0) {
        return 0;
    }
    size_t first = (size_t)(best.b - best.a), second = (size_t)(best.c - best.b);
    int32_t *begin = t->node + best.a + 1;
    memcpy(scratch, begin, first * sizeof *begin);
    memmove(begin, begin + first, second * sizeof *begin);
    memcpy(begin + second, scratch, first * sizeof *begin);
    tour_drive(t, best.a + 1);
    return 1;
}

/* What is gained by driving positions i to j the other way round. */
static int64_t reverse_gain(const tour_t *t, int32_t i, int32_t j) {
    const terrain_t *on = t->on;
    int64_t links = 0, was = 0, is = 0, clock = t->begin[i - 1], cost;
    int32_t here = t->node[i - 1];
    if (on->laden) {
        run_t runs[] = {{0, j, i}, {0, j + 1, t->m + 1}};
        return laden_keeps_pairs(t, i, j, i, j) ? -laden_try(t, i - 1, runs, 2, 0) : 0;
    }
    for (int32_t p = i; p <= j + 1; p++) {
        links += t->link[p];
    }
    for (int32_t p = j; p >= i - 1; p--) {
        int32_t next = p >= i ? t->node[p] : t->node[j + 1];
        links -= price_of(on, here, next);
        here = next;
    }
    for (int32_t k = t->timed_from[i]; k < t->timed_from[j + 1]; k++) {
        served(on, t->node[t->timed[k]], t->arrive[t->timed[k]], &cost);
        was += cost;
    }
    if (links * FINE + was + t->waits[t->timed_from[j + 1]] <= 0) {
        return 0;
    }
    here = t->node[i - 1];
    for (int32_t p = j; p >= i; p--) {
        clock = served(on, t->node[p], clock + leg_of(on, here, t->node[p]), &cost);
        is += cost;
        here = t->node[p];
    }
    int64_t later = clock + leg_of(on, here, t->node[j + 1]) - t->arrive[j + 1];
    int64_t gain = links * FINE + was - is;
    return gain - tour_shifted(t, j + 1, t->m + 1, &later, gain);
}

/* Reverse the string behind position `at` that ends with a nearer stop, where that gains.
 * Returns whether it did. */
int32_t move_reverse(tour_t *t, const int32_t *near, int32_t stride, int32_t count,
                     int32_t at) {
    int32_t here = t->node[at];
    for (int32_t i = 0; i < count && i < WIDTH; i++) {
        int32_t other = near[(ptrdiff_t)here * stride + i], j = t->place[other];
        if (j <= at + 1 || j - at > LONGEST_TURN ||
            price_at(t, at, here, other) >= t->link[at + 1]) {
            continue;
        }
        if (reverse_gain(t, at + 1, j) > 0) {
            for (int32_t x = at + 1, y = j; x < y; x++, y--) {
                int32_t swap = t->node[x];
                t->node[x] = t->node[y];
                t->node[y] = swap;
            }
            tour_drive(t, at + 1);
            return 1;
        }
    }
    return 0;
}
