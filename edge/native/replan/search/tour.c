/* A tour being worked on: driving it, and putting a stop in where it adds least. */
#include "laden.h"

#include <string.h>

static void look_ahead(tour_t *tour, int32_t from);

/* Drive the order and note what later questions need; nothing has changed before `from`. */
void tour_drive(tour_t *tour, int32_t from) {
    tour->node[0] = 0;
    tour->node[tour->m + 1] = tour->on->end;
    if (tour->on->laden) {
        laden_drive(tour, from);
        return;
    }
    look_ahead(tour, from);
    tour_look_back(tour);
}

static void look_ahead(tour_t *tour, int32_t from) {
    const terrain_t *on = tour->on;
    if (from <= 1) {
        from = 1;
        tour->arrive[0] = tour->begin[0] = on->start_ms;
        tour->spent[0] = 0;
        tour->timed_from[0] = tour->timed_from[1] = 0;
    }
    int64_t clock = tour->begin[from - 1], spent = tour->spent[from - 1], cost;
    int32_t here = tour->node[from - 1], timed = tour->timed_from[from];
    for (int32_t p = from; p <= tour->m + 1; p++) {
        int32_t next = tour->node[p];
        tour->link[p] = (int32_t)price_of(on, here, next);
        spent += (int64_t)tour->link[p] * FINE;
        clock += leg_of(on, here, next);
        tour->arrive[p] = clock;
        tour->place[next] = p;
        if (on->window_from[next] != on->window_from[next + 1]) {
            clock = served(on, next, clock, &cost);
            spent += cost;
            tour->timed[timed++] = p;
        }
        tour->timed_from[p + 1] = timed;
        tour->spent[p] = spent;
        tour->begin[p] = clock;
        here = next;
    }
    tour->cost = spent;
}

void tour_look_back(tour_t *tour) {
    const terrain_t *on = tour->on;
    int32_t count = tour->timed_from[tour->m + 2];
    int64_t slope = 0, waits = 0, dear = 0, slack = INT64_MAX / 4;
    for (int32_t k = count; k >= 0; k--) {
        if (k < count) {
            int32_t p = tour->timed[k], node = tour->node[p];
            int64_t arrive = tour->arrive[p], wait = tour->begin[p] - arrive;
            int64_t closes = on->closes[on->window_from[node + 1] - 1];
            int64_t bears = closes > arrive ? closes - arrive : 0; /* late already: no more */
            slack += wait;
            if (bears < slack) {
                slack = bears;
                dear = on->late_weight[node];
            }
            if (wait > 0) {
                waits += wait * on->wait_pct;
                slope = -on->wait_pct;
            } else if (arrive >= closes) {
                slope += on->late_weight[node];
            }
            if (on->told) {
                int64_t early = on->told_first[node] - arrive;
                int64_t bears_told = on->told_last[node] - arrive;
                int64_t bears_dead = on->deadline[node] - tour->begin[p];
                bears_dead = (bears_dead > 0 ? bears_dead : 0) + wait;
                if (early > 0) {
                    waits += early >= on->told_most ? DEAREST : early * on->told_weight;
                    slope -= on->told_weight;
                } else if (bears_told <= 0) {
                    slope += on->told_weight;
                }
                if (bears_told < slack) {
                    slack = bears_told > 0 ? bears_told : 0;
                    dear = on->told_weight;
                }
                if (bears_dead < slack) {
                    slack = bears_dead;
                    dear = FINE;
                }
            }
        }
        tour->slope[k] = slope;
        tour->waits[k] = waits;
        tour->slack[k] = slack;
        tour->dear[k] = dear;
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
        if (shift > 0 && added - tour->waits[k + 1] > limit) {
            break;
        }
    }
    *later = shift;
    return added;
}

/* What putting a node in before position p costs, `price` of it in links, if that is below
 * `most`; else something that is not. Two bounds save the drive: what exceeds the slack, less
 * all waiting that may be saved; and (all windows single: being later is convex) the slope. */
static int64_t cost_of_place(const tour_t *tour, int32_t node, int32_t p, int64_t price,
                             int64_t most) {
    const terrain_t *on = tour->on;
    int32_t k = tour->timed_from[p];
    int64_t own;
    int64_t arrive =
        tour->begin[p - 1] + on->leg_to[(ptrdiff_t)node * on->width + tour->node[p - 1]];
    int64_t begin = served(on, node, arrive, &own);
    int64_t cost = price + own, low = cost - tour->waits[k];
    int64_t later = begin + leg_of(on, node, tour->node[p]) - tour->arrive[p];
    if (low >= most) {
        return low;
    }
    if (later > tour->slack[k]) {
        double over = (double)(later - tour->slack[k]) * (double)tour->dear[k];
        low = over < (double)DEAREST ? low + (int64_t)over : low + DEAREST;
    }
    if (!on->gaps && (later > 0 || !on->told)) { /* a breach that ends is no slope */
        double line = (double)tour->slope[k] * (double)later;
        if (line >= (double)DEAREST) {
            line = (double)DEAREST;
        }
        if (line > -(double)DEAREST && cost + (int64_t)line > low) {
            low = cost + (int64_t)line;
        }
    }
    if (low >= most) {
        return low;
    }
    return cost + tour_shifted(tour, p, tour->m + 1, &later, most - cost);
}

/* The position before which a node adds least and less than `most`, or -1. With `lots` one
 * position in 128 is overlooked, so that the search does not always do the same. */
int32_t tour_best_place(tour_t *tour, int32_t node, int64_t most, uint64_t *lots) {
    const terrain_t *on = tour->on;
    if (on->laden) {
        return laden_best_place(tour, node, most, lots);
    }
    const int32_t *from = on->price + (ptrdiff_t)node * on->width;
    const int32_t *to = on->price_to + (ptrdiff_t)node * on->width;
    int32_t first = on->locked + 1, last = tour->m + 1, likely = -1, best_at = -1;
    int64_t least = most, best = most;
    for (int32_t p = first; p <= last; p++) {
        int64_t added = (int64_t)to[tour->node[p - 1]] + from[tour->node[p]] - tour->link[p];
        int64_t low = added * FINE - tour->waits[tour->timed_from[p]];
        tour->bound[p] = low;
        if (low < least) {
            least = low;
            likely = p;
        }
    }
    if (likely < 0) {
        return -1;
    }
    /* The likeliest first: it makes the others easy to rule out. */
    for (int32_t p = likely, next = first; p <= last; p = next++) {
        if (tour->bound[p] >= best) {
            continue;
        }
        int64_t price = tour->bound[p] + tour->waits[tour->timed_from[p]];
        tour->bound[p] = INT64_MAX;
        if (lots && below(lots, 128) == 0) {
            continue;
        }
        int64_t cost = cost_of_place(tour, node, p, price, best);
        if (cost < best) {
            best = cost;
            best_at = p;
        }
    }
    return best_at;
}

void tour_insert(tour_t *tour, int32_t node, int32_t at) {
    size_t moved = (size_t)(tour->m + 1 - at);
    memmove(tour->node + at + 1, tour->node + at, moved * sizeof *tour->node);
    tour->node[at] = node;
    tour->m++;
    tour_drive(tour, at);
}

void tour_take_out(tour_t *tour, int32_t at) {
    int32_t *v = tour->node;
    tour->place[v[at]] = -1;
    memmove(v + at, v + at + 1, (size_t)(tour->m + 1 - at) * sizeof *v);
    tour->m--;
    tour_drive(tour, at);
}

/* Take stops out that do not pay for themselves: the one that gains most, or in a hurry each
 * that gains as the tour is walked along. Returns whether there was one. */
int32_t tour_shed(tour_t *tour, int32_t hurry) {
    const terrain_t *on = tour->on;
    if (on->laden) {
        return laden_shed(tour, hurry);
    }
    const int32_t *v = tour->node;
    int32_t best_at = 0, shed = 0;
    int64_t best = 0, in_time = tour->cost;
    for (int32_t p = 1; p <= tour->m + 1; p++) {
        in_time -= (int64_t)tour->link[p] * FINE;
    }
    for (int32_t p = on->locked + 1; p <= tour->m; p++) {
        int64_t links = (int64_t)tour->link[p] + tour->link[p + 1];
        links -= price_of(on, v[p - 1], v[p + 1]);
        int64_t gain = links * FINE - on->drop[v[p]];
        if (gain + in_time <= best) {
            continue;
        }
        gain += tour->spent[p] - tour->spent[p - 1] - (int64_t)tour->link[p] * FINE;
        int64_t later = tour->begin[p - 1] + leg_of(on, v[p - 1], v[p + 1]);
        later -= tour->arrive[p + 1];
        gain -= tour_shifted(tour, p + 1, tour->m + 1, &later, gain - best);
        if (gain <= best) {
            continue;
        }
        if (hurry) {
            tour_take_out(tour, p--);
            shed = 1;
        } else {
            best = gain;
            best_at = p;
        }
    }
    if (best_at) {
        tour_take_out(tour, best_at);
    }
    return shed || best_at;
}
