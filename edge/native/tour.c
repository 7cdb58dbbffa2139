/* A tour being worked on: driving it, and putting a stop in where it adds least. */
#include "tour.h"

#include <string.h>

static void look_ahead(tour_t *tour);
static void look_back(tour_t *tour);

/* Drive the order and note what later questions need. */
void tour_drive(tour_t *tour) {
    tour->node[0] = 0;
    tour->node[tour->m + 1] = tour->on->end;
    look_ahead(tour);
    look_back(tour);
}

static void look_ahead(tour_t *tour) {
    const terrain_t *on = tour->on;
    int64_t clock = on->start_ms, links = 0, in_time = 0, cost;
    int32_t here = 0, timed = 0;
    tour->arrive[0] = tour->begin[0] = clock;
    tour->timed_from[0] = 0;
    for (int32_t p = 1; p <= tour->m + 1; p++) {
        int32_t next = tour->node[p];
        tour->link[p] = (int32_t)price_of(on, here, next);
        links += tour->link[p];
        clock += leg_of(on, here, next);
        tour->arrive[p] = clock;
        tour->place[next] = p;
        tour->timed_from[p] = timed;
        if (on->window_from[next] != on->window_from[next + 1]) {
            clock = served(on, next, clock, &cost);
            in_time += cost;
            tour->timed[timed++] = p;
        }
        tour->begin[p] = clock;
        here = next;
    }
    tour->timed_from[tour->m + 2] = timed;
    tour->cost = links * FINE + in_time;
}

static void look_back(tour_t *tour) {
    const terrain_t *on = tour->on;
    int64_t slope = 0, waits = 0, dear = 0, latest = INT64_MAX / 4;
    tour->waits[tour->m + 2] = 0;
    for (int32_t p = tour->m + 1; p >= 1; p--) {
        int32_t node = tour->node[p];
        int32_t w = on->window_from[node], end = on->window_from[node + 1];
        if (p <= tour->m) {
            latest -= leg_of(on, node, tour->node[p + 1]);
        }
        if (w != end) {
            int64_t closes = on->closes[end - 1], arrive = tour->arrive[p];
            if (closes < arrive) {
                closes = arrive; /* late already: not later than that */
            }
            if (closes < latest) {
                latest = closes;
                dear = on->late_weight[node];
            }
            if (tour->begin[p] > arrive) {
                waits += (tour->begin[p] - arrive) * on->wait_pct;
                slope = -on->wait_pct;
            } else if (arrive >= on->closes[end - 1]) {
                slope += on->late_weight[node];
            }
        }
        tour->slope[p] = slope;
        tour->waits[p] = waits;
        tour->latest[p] = latest;
        tour->dear[p] = dear;
    }
}

/* What it costs that everything from `first` to `last` comes `*later` than it does, its order
 * unchanged; `*later` becomes that of what follows. Gives up once it must exceed `limit`. */
int64_t tour_shifted(const tour_t *tour, int32_t first, int32_t last, int64_t *later,
                     int64_t limit) {
    int64_t added = 0, shift = *later;
    int32_t end = tour->timed_from[last + 1];
    for (int32_t k = tour->timed_from[first]; k < end && shift != 0; k++) {
        int32_t p = tour->timed[k], node = tour->node[p];
        int64_t before, after;
        int64_t was = served(tour->on, node, tour->arrive[p], &before);
        int64_t begins = served(tour->on, node, tour->arrive[p] + shift, &after);
        added += after - before;
        shift = begins - was;
        if (shift > 0 && added - tour->waits[p + 1] > limit) {
            break;
        }
    }
    *later = shift;
    return added;
}

/* The least that putting a node in before position p can cost, from the tour's own notes:
 * what it costs itself, and either the slope (all windows single: the cost of being later is
 * convex) or what exceeds the latest arrival, less all waiting that it may save. */
static int64_t least_of(tour_t *tour, int32_t node, int32_t p, int64_t price, int64_t most) {
    const terrain_t *on = tour->on;
    int32_t before = tour->node[p - 1], after = tour->node[p];
    int64_t own;
    int64_t arrive = tour->begin[p - 1] + on->leg_to[(ptrdiff_t)node * on->width + before];
    int64_t begin = served(on, node, arrive, &own);
    int64_t cost = price + own, low = cost - tour->waits[p];
    if (low >= most) {
        return low;
    }
    int64_t comes = begin + leg_of(on, node, after);
    tour->later[p] = comes - tour->arrive[p];
    tour->exact[p] = cost;
    if (comes > tour->latest[p]) {
        double over = (double)(comes - tour->latest[p]) * (double)tour->dear[p];
        low = over < (double)DEAREST ? low + (int64_t)over : low + DEAREST;
    }
    if (!on->gaps) {
        double line = (double)tour->slope[p] * (double)tour->later[p];
        if (line >= (double)DEAREST) {
            line = (double)DEAREST;
        }
        if (line > -(double)DEAREST && cost + (int64_t)line > low) {
            low = cost + (int64_t)line;
        }
    }
    return low;
}

/* The position before which a node adds least and less than `most`, or -1. With `lots` one
 * position in 128 is overlooked, so that the search does not always do the same. */
int32_t tour_best_place(tour_t *tour, int32_t node, int64_t most, uint64_t *lots) {
    const terrain_t *on = tour->on;
    const int32_t *from = on->price + (ptrdiff_t)node * on->width;
    const int32_t *to = on->price_to + (ptrdiff_t)node * on->width;
    int32_t first = on->locked + 1, last = tour->m + 1, likely = -1, best_at = -1;
    int64_t least = most, best = most;
    for (int32_t p = first; p <= last; p++) {
        int64_t added = (int64_t)to[tour->node[p - 1]] + from[tour->node[p]] - tour->link[p];
        int64_t low = added * FINE - tour->waits[p];
        if (low < most) {
            low = least_of(tour, node, p, added * FINE, most);
        }
        if (low < most && lots && below(lots, 128) == 0) {
            low = most;
        }
        tour->bound[p] = low;
        if (low < least) {
            least = low;
            likely = p;
        }
    }
    if (likely < 0) {
        return -1;
    }
    for (int32_t p = likely, next = first; p <= last; p = next++) {
        if (tour->bound[p] >= best) {
            continue;
        }
        int64_t later = tour->later[p], cost = tour->exact[p];
        cost += tour_shifted(tour, p, last, &later, best - cost);
        if (cost < best) {
            best = cost;
            best_at = p;
        }
        tour->bound[p] = INT64_MAX;
    }
    return best_at;
}

void tour_insert(tour_t *tour, int32_t node, int32_t at) {
    size_t moved = (size_t)(tour->m + 1 - at);
    memmove(tour->node + at + 1, tour->node + at, moved * sizeof *tour->node);
    tour->node[at] = node;
    tour->m++;
    tour_drive(tour);
}
