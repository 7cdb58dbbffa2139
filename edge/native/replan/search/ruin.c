/* Ruin and recreate: take strings of neighbouring stops out and put them back better.
 *
 * After Christiaens and Vanden Berghe, "Slack Induction by String Removals" (2020). */
#include <string.h>

#include "laden.h"
#include "search.h"

#define AVERAGE_REMOVED 14
#define LONGEST_STRING 14
#define PATIENCE 24 /* stops that leave the first order one by one; then all in one go */
#define ANY_COST (INT64_MAX / 2)

/* How badly two stops go together, either way round: price, and what windows force. */
static int64_t apart(const terrain_t *on, int32_t from, int32_t to) {
    int32_t w = on->window_from[from], w_end = on->window_from[from + 1];
    int32_t v = on->window_from[to], v_end = on->window_from[to + 1];
    int64_t cost = price_of(on, from, to);
    if (v != v_end) {
        int64_t leg = leg_of(on, from, to);
        int64_t early = on->start_ms;
        if (w != w_end && on->opens[w] > early) {
            early = on->opens[w];
        }
        int64_t wait = w == w_end ? 0 : on->opens[v] - on->closes[w_end - 1] - leg;
        int64_t late = early + leg - on->closes[v_end - 1];
        cost += (wait > 0 ? wait / 5 : 0) + (late > 0 ? late : 0);
    }
    return cost;
}

/* The stops that are best driven right before or after each node. */
void search_find_near(search_t *s) {
    const terrain_t *on = &s->on;
    for (int32_t here = 0; here <= on->n; here++) {
        int32_t *list = s->near + (ptrdiff_t)here * NEAR, found = 0;
        for (int32_t other = 1; other <= on->n; other++) {
            if (other == here) {
                continue;
            }
            int64_t there = apart(on, here, other);
            int64_t back = here ? apart(on, other, here) : there;
            s->key[other] = there < back ? there : back;
            int32_t at = found;
            if (found < s->near_count) {
                found++;
            } else if (s->near_count == 0 || s->key[other] >= s->key[list[--at]]) {
                continue;
            }
            for (; at > 0 && s->key[list[at - 1]] > s->key[other]; at--) {
                list[at] = list[at - 1];
            }
            list[at] = other;
        }
    }
}

/* Note that a stop leaves the tour, and the other one of its pair. Returns how many are in the
 * pool then. */
static int32_t leave(search_t *s, const tour_t *t, int32_t node, int32_t count) {
    int32_t other = s->on.pickup_of[node] ? s->on.pickup_of[node] : s->on.delivery_of[node];
    s->taken[node] = 1;
    s->pool[count++] = node;
    if (other && t->place[other] > 0 && !s->taken[other]) {
        s->taken[other] = 1;
        s->pool[count++] = other;
    }
    return count;
}

/* Take strings of stops around one stop out of a tour; the pool gets them, and every stop that
 * was not in it. Returns how many. */
int32_t search_ruin(search_t *s, tour_t *t, mood_t mood) {
    const terrain_t *on = t->on;
    int32_t count = 0, free_stops = t->m - on->locked, before;
    for (int32_t node = 1; node <= on->n; node++) {
        if (t->place[node] < 0) {
            s->pool[count++] = node;
        }
    }
    int32_t wanted = 1 + below(&s->lots, 2 * AVERAGE_REMOVED - 1);
    int32_t seed = 1 + below(&s->lots, on->n);
    wanted = wanted < free_stops ? wanted : free_stops;
    memset(s->taken, 0, (size_t)on->width);
    before = count;
    for (int32_t i = -1; i < s->near_count && count - before < wanted; i++) {
        int32_t node = i < 0 ? seed : s->near[(ptrdiff_t)seed * NEAR + i], p = t->place[node];
        if (p <= on->locked || s->taken[node]) {
            continue;
        }
        int32_t most = wanted - (count - before);
        most = most < LONGEST_STRING ? most : LONGEST_STRING;
        int32_t length = 1 + below(&s->lots, most), spared = 0;
        if (length > 1 && below(&s->lots, 10) < 3) {
            spared = 1 + below(&s->lots, 3);
        }
        int32_t span = length + spared < free_stops ? length + spared : free_stops;
        int32_t low = p - span > on->locked ? p - span + 1 : on->locked + 1;
        int32_t high = p + span <= t->m + 1 ? p : t->m - span + 1;
        int32_t first = low + (high > low ? below(&s->lots, high - low + 1) : 0);
        int32_t kept = spared ? below(&s->lots, length) : 0;
        for (int32_t k = 0; k < span; k++) {
            int32_t out = t->node[first + k];
            if ((k >= kept && k < kept + spared) || s->taken[out]) {
                continue;
            }
            count = leave(s, t, out, count);
        }
    }
    if (mood == REFUELLING) {
        for (int32_t p = on->locked + 1; p <= t->m; p++) {
            int32_t node = t->node[p];
            if (on->charge[node] && !s->taken[node]) {
                count = leave(s, t, node, count);
            }
        }
    }
    int32_t m = on->locked;
    for (int32_t p = on->locked + 1; p <= t->m; p++) {
        int32_t node = t->node[p];
        if (s->taken[node]) {
            t->place[node] = -1;
        } else {
            t->node[++m] = node;
        }
    }
    t->m = m;
    tour_drive(t, 1);
    return count;
}

void search_sort_pool(search_t *s, int32_t count) {
    for (int32_t i = 1; i < count; i++) {
        int32_t node = s->pool[i], at = i;
        for (; at > 0 && s->key[s->pool[at - 1]] > s->key[node]; at--) {
            s->pool[at] = s->pool[at - 1];
        }
        s->pool[at] = node;
    }
}

/* Put the pool in the order it is put back in: by chance, distance or window. */
void search_order_pool(search_t *s, int32_t count) {
    const terrain_t *on = &s->on;
    for (int32_t i = count - 1; i > 0; i--) {
        int32_t j = below(&s->lots, i + 1), swap = s->pool[i];
        s->pool[i] = s->pool[j];
        s->pool[j] = swap;
    }
    int32_t way = below(&s->lots, 10);
    if (way < 4) {
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t node = s->pool[i], w = on->window_from[node], end = on->window_from[node + 1];
        int64_t away = leg_of(on, 0, node);
        int64_t closes = w == end ? INT64_MAX : on->closes[end - 1];
        int64_t width = w == end ? INT64_MAX : on->closes[end - 1] - on->opens[w];
        s->key[node] = way < 6 ? -away : way < 7 ? away : way < 9 ? width : closes;
    }
    search_sort_pool(s, count);
}

/* Put one stop back where it adds least, or a pair, if that is less than `most`, or where that
 * is 0 than its price. */
static void put_back(search_t *s, tour_t *t, int32_t node, uint64_t *lots, int64_t most) {
    int32_t delivery = s->on.delivery_of[node];
    if (!delivery) {
        int32_t at = tour_best_place(t, node, most ? most : s->on.drop[node] + 1, lots);
        if (at > 0) {
            tour_insert(t, node, at);
        }
        return;
    }
    int64_t drops = s->on.drop[node] + s->on.drop[delivery];
    places_t at = laden_best_pair(t, node, most ? most : drops + 1, lots);
    if (at.first > 0) {
        tour_insert(t, delivery, at.second);
        tour_insert(t, node, at.first);
    }
}

/* Put the pool back, each stop where it adds least; leave out what costs more than its price.
 * Returns whether there was time for all of it.
 * But some stops pay only together: if it is generous, half of them (without chance: all) come
 * in at any cost, and what then does not pay for itself leaves again. So does every stop if it
 * is refuelling, but the chargers: they come in last, where they help. */
int32_t search_recreate(search_t *s, tour_t *t, int32_t count, uint64_t *lots, mood_t mood) {
    int32_t chargers = 0, goes_on = mood != STRICT;
    for (int32_t i = 0; i < count; i++) {
        int32_t node = s->pool[i];
        if (search_is_over(s)) {
            return 0;
        }
        if (s->on.pickup_of[node]) {
            continue; /* it goes with its pickup */
        }
        if (mood == REFUELLING && s->on.charge[node] && !s->on.delivery_of[node]) {
            s->pool[chargers++] = node;
        } else {
            int32_t all = !lots || mood == REFUELLING;
            int32_t any = mood != STRICT && (all || below(lots, 2));
            put_back(s, t, node, lots, any ? ANY_COST : 0);
        }
    }
    for (int32_t i = 0; i < chargers; i++) {
        put_back(s, t, s->pool[i], lots, 0);
    }
    for (int32_t i = 0; goes_on && !search_is_over(s); i++) {
        goes_on = tour_shed(t, !lots && i >= PATIENCE);
    }
    return !search_is_over(s);
}
