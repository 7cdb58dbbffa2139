/* Where one more stop, or a pair of stops, adds least to a laden tour; and what does not pay. */
#include "laden.h"

#define CLOCKED 16 /* places between two looks at the clock */

/* What links say that a stop adds before position p. */
static int64_t links_added(const tour_t *t, int32_t node, int32_t p) {
    return price_at(t, p - 1, t->node[p - 1], node) + price_at(t, p - 1, node, t->node[p]) -
           t->link[p];
}

/* As tour_best_place. */
int32_t laden_best_place(tour_t *t, int32_t node, int64_t most, uint64_t *lots) {
    int32_t first = t->on->locked + 1, last = t->m + 1, likely = first, best_at = -1;
    int64_t best = most;
    for (int32_t p = first; p <= last; p++) {
        int64_t relief = t->m <= SMALL ? t->rest[p] : t->ease[p];
        t->bound[p] = links_added(t, node, p) * FINE - relief;
        likely = t->bound[p] < t->bound[likely] ? p : likely;
    }
    for (int32_t p = likely, next = first; p <= last; p = next++) {
        if (t->bound[p] >= best) {
            continue;
        }
        t->bound[p] = INT64_MAX;
        if (p % CLOCKED == 0 && tour_is_over(t)) {
            return best_at;
        }
        if (lots && below(lots, 128) == 0) {
            continue;
        }
        run_t runs[] = {{node, 0, 0}, {0, p, t->m + 1}};
        int64_t cost = laden_try(t, p - 1, runs, 2, best);
        if (cost < best) {
            best = cost;
            best_at = p;
        }
    }
    return best_at;
}

/* What a delivery adds before position q, where one has come to be in `state` at q - 1. */
static int64_t delivered(const tour_t *t, int32_t from, int32_t delivery, int32_t q,
                         state_t state, int64_t limit) {
    laden_step(t->on, &state, from, delivery);
    laden_step(t->on, &state, delivery, t->node[q]);
    return laden_tail(t, q, state, limit);
}

/* Find the best place of the delivery if the pickup goes before position p. */
static void try_pickup(const tour_t *t, int32_t pickup, int32_t p, uint64_t *lots,
                       places_t *best) {
    const terrain_t *on = t->on;
    int32_t delivery = on->delivery_of[pickup], from = pickup, last = t->m + 1;
    state_t state = t->state[p - 1];
    laden_step(on, &state, t->node[p - 1], pickup);
    for (int32_t q = p; q <= last; q++) {
        if (!lots || below(lots, 128) != 0) {
            int64_t cost = delivered(t, from, delivery, q, state, best->cost);
            if (cost < best->cost) {
                *best = (places_t){p, q, cost};
            }
        }
        for (; q < last; q++) { /* on to the next place that may do */
            laden_step(on, &state, from, t->node[q]);
            from = t->node[q];
            int64_t added = state.cost - t->spent[q] - laden_relief(t, q, &state);
            if (added + t->behind[q + 1] >= best->cost) {
                return;
            }
            if (added + t->bound[q + 1] < best->cost) {
                break;
            }
        }
    }
}

/* The places where a pair adds least and less than `most`. The likeliest are tried first. */
places_t laden_best_pair(tour_t *t, int32_t pickup, int64_t most, uint64_t *lots) {
    const terrain_t *on = t->on;
    int32_t delivery = on->delivery_of[pickup], first = on->locked + 1, last = t->m + 1;
    int32_t likely = first;
    int64_t least = INT64_MAX, least_both = INT64_MAX;
    places_t best = {-1, -1, most};
    for (int32_t p = last; p >= first; p--) {
        int64_t added = links_added(t, delivery, p) * FINE;
        least = added < least ? added : least;
        t->bound[p] = added;
        t->behind[p] = least; /* what the delivery adds at least from p on */
        int64_t both = links_added(t, pickup, p) * FINE + least;
        if (both < least_both) {
            least_both = both;
            likely = p;
        }
    }
    try_pickup(t, pickup, likely, NULL, &best);
    for (int32_t p = first; p <= last; p++) {
        if (p % CLOCKED == 0 && tour_is_over(t)) {
            return best;
        }
        int64_t relief = t->m <= SMALL ? t->rest[p] : t->ease[p];
        int64_t together = price_at(t, p - 1, t->node[p - 1], pickup) +
                           price_at(t, p - 1, pickup, delivery) +
                           price_at(t, p - 1, delivery, t->node[p]) - t->link[p];
        int64_t apart = links_added(t, pickup, p) * FINE + t->behind[p];
        together *= FINE;
        if (p != likely && (together < apart ? together : apart) - relief < best.cost) {
            try_pickup(t, pickup, p, lots, &best);
        }
    }
    return best;
}

/* What is gained by taking a stop out, and what goes with it. */
static int64_t shed_gain(const tour_t *t, int32_t p, int32_t q, int64_t limit) {
    int64_t drop = t->on->drop[t->node[p]];
    if (!q) {
        run_t runs[] = {{0, p + 1, t->m + 1}};
        return -laden_try(t, p - 1, runs, 1, -(limit + drop)) - drop;
    }
    drop += t->on->drop[t->node[q]];
    if (q == p + 1) {
        run_t runs[] = {{0, q + 1, t->m + 1}};
        return -laden_try(t, p - 1, runs, 1, -(limit + drop)) - drop;
    }
    run_t runs[] = {{0, p + 1, q - 1}, {0, q + 1, t->m + 1}};
    return -laden_try(t, p - 1, runs, 2, -(limit + drop)) - drop;
}

static void take_out(tour_t *t, int32_t p, int32_t q) {
    if (q) {
        tour_take_out(t, q);
    }
    tour_take_out(t, p);
}

/* As tour_shed; pairs go together. */
int32_t laden_shed(tour_t *t, int32_t hurry) {
    const terrain_t *on = t->on;
    int32_t best_at = 0, best_with = 0, shed = 0;
    int64_t best = 0;
    for (int32_t p = on->locked + 1; p <= t->m; p++) {
        int32_t node = t->node[p], q = on->delivery_of[node];
        if (p % CLOCKED == 0 && tour_is_over(t)) {
            break;
        }
        if (on->pickup_of[node]) {
            continue; /* it goes with its pickup */
        }
        q = q ? t->place[q] : 0;
        int64_t gain = shed_gain(t, p, q, best);
        if (gain <= best) {
            continue;
        }
        if (hurry) {
            take_out(t, p--, q);
            shed = 1;
        } else {
            best = gain;
            best_at = p;
            best_with = q;
        }
    }
    if (best_at) {
        take_out(t, best_at, best_with);
    }
    return shed || best_at;
}
