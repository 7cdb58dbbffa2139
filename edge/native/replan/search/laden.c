/* Driving a tour with loads, breaks, energy and traffic, step by step.
 *
 * Changes are judged by driving them through until everything is as it was, or only the clock
 * differs where it runs the same at any time, or the change has become too dear. */
#include "laden.h"

/* When one is there who leaves now; `slice` is where the clock is, and moves with it. */
static int64_t arrival_of(const terrain_t *on, int32_t from, int32_t to, int64_t clock,
                          int32_t *slice) {
    int64_t travel = leg_of(on, from, to) - on->service[from];
    if (!on->slices) {
        return clock + travel;
    }
    const int64_t *speed =
        on->speed + on->class_of[(ptrdiff_t)from * on->width + to] * on->slices;
    int32_t now = *slice, last = on->slices - 1;
    int64_t units = travel << PACE_ONE;
    while (now < last && clock >= on->slice_end[now]) {
        now++;
    }
    while (now < last && units > (on->slice_end[now] - clock) * speed[now]) {
        units -= (on->slice_end[now] - clock) * speed[now];
        clock = on->slice_end[now++];
    }
    *slice = now;
    return clock + (units + speed[now] - 1) / speed[now];
}

static int64_t change_of(const terrain_t *on, int32_t from, int32_t to) {
    int32_t here = on->rank[from], there = on->rank[to];
    return here >= 0 && there >= 0 && there != here + 1 ? on->change : 0;
}

static int64_t excess_of(const terrain_t *on, const int64_t *load) {
    int64_t excess = 0;
    for (int32_t d = 0; d < on->dimensions; d++) {
        excess += load[d] > on->most[d] ? load[d] - on->most[d] : 0;
    }
    return excess;
}

/* Go on from one node to another, breaks included. Returns the arrival. */
int64_t laden_step(const terrain_t *on, state_t *state, int32_t from, int32_t to) {
    int64_t clock = state->clock + on->service[from], arrive, begin, cost;
    int32_t slice;
    for (;;) {
        slice = state->slice;
        arrive = arrival_of(on, from, to, clock, &slice);
        begin = served(on, to, arrive, &cost);
        if (state->breaks == on->breaks ||
            (clock < on->pause_opens[state->breaks] &&
             begin + on->service[to] <= on->pause_closes[state->breaks])) {
            break;
        }
        clock += on->pause_lasts[state->breaks++];
    }
    state->slice = slice;
    state->clock = begin;
    state->cost += (arrive - clock) * FINE + change_of(on, from, to) + cost;
    if (on->dimensions) {
        const int64_t *load = on->load + (ptrdiff_t)to * DIMENSIONS;
        state->cost += breach(excess_of(on, state->load));
        for (int32_t d = 0; d < on->dimensions; d++) {
            state->load[d] -= load[d];
        }
    }
    if (on->energy) {
        state->battery -= on->use[(ptrdiff_t)from * on->width + to];
        state->cost += breach(on->reserve - state->battery);
        state->battery += on->charge[to];
        state->battery = state->battery < on->battery ? state->battery : on->battery;
    }
    return arrive;
}

static void look_back(tour_t *t);

/* As tour_drive. */
void laden_drive(tour_t *t, int32_t from) {
    const terrain_t *on = t->on;
    if (from <= 1) {
        from = 1;
        t->arrive[0] = t->begin[0] = on->start_ms;
        t->spent[0] = 0;
        t->timed_from[0] = t->timed_from[1] = 0;
        t->state[0] = (state_t){on->start_ms, 0, on->at_start, {0}, 0, 0};
        for (int32_t d = 0; d < DIMENSIONS; d++) {
            t->state[0].load[d] = on->on_board[d];
        }
    }
    state_t state = t->state[from - 1];
    int32_t here = t->node[from - 1], timed = t->timed_from[from];
    for (int32_t p = from; p <= t->m + 1; p++) {
        int32_t next = t->node[p];
        t->link[p] = (int32_t)price_at(t, p - 1, here, next);
        t->arrive[p] = laden_step(on, &state, here, next);
        t->begin[p] = state.clock;
        t->spent[p] = state.cost;
        t->state[p] = state;
        t->place[next] = p;
        if (on->window_from[next] != on->window_from[next + 1]) {
            t->timed[timed++] = p;
        }
        t->timed_from[p + 1] = timed;
        here = next;
    }
    t->cost = state.cost;
    tour_look_back(t);
    look_back(t);
}

/* Note from each position on what may vanish of the cost, and what load and battery bear. */
static void look_back(tour_t *t) {
    const terrain_t *on = t->on;
    int64_t least = 0, excused = 0, spare = INT64_MAX / 4, peak[DIMENSIONS];
    for (int32_t d = 0; d < DIMENSIONS; d++) {
        peak[d] = INT64_MIN / 4;
    }
    for (int32_t p = t->m + 1; p >= 1; p--) {
        int32_t here = t->node[p - 1], next = t->node[p];
        const state_t *before = t->state + p - 1;
        int64_t travel = leg_of(on, here, next) - on->service[here];
        least += travel * on->least_permille / 1000 * FINE + change_of(on, here, next);
        if (on->dimensions) {
            excused += breach(excess_of(on, before->load));
        }
        for (int32_t d = 0; d < on->dimensions; d++) {
            peak[d] = before->load[d] > peak[d] ? before->load[d] : peak[d];
        }
        if (on->energy) {
            int64_t left = before->battery - on->use[(ptrdiff_t)here * on->width + next];
            excused += breach(on->reserve - left);
            spare = left - on->reserve < spare ? left - on->reserve : spare;
        }
        t->ease[p] = t->waits[t->timed_from[p]] + excused;
        t->rest[p] = t->cost - t->spent[p - 1] - least;
        t->spare[p] = spare;
        for (int32_t d = 0; d < DIMENSIONS; d++) {
            t->peak[(ptrdiff_t)p * DIMENSIONS + d] = peak[d];
        }
    }
}

static int32_t loads_same(const terrain_t *on, const state_t *a, const state_t *b) {
    int32_t same = 1;
    for (int32_t d = 0; d < on->dimensions; d++) {
        same &= a->load[d] == b->load[d];
    }
    return same;
}

/* Whether what follows position p costs the same by load and battery as it does now. */
static int32_t bears(const tour_t *t, int32_t p, const state_t *state) {
    const terrain_t *on = t->on;
    int64_t energy = state->battery - t->state[p].battery;
    const int64_t *peak = t->peak + (ptrdiff_t)(p + 1) * DIMENSIONS;
    for (int32_t d = 0; d < on->dimensions; d++) {
        int64_t more = state->load[d] - t->state[p].load[d];
        if (more && (peak[d] > on->most[d] || peak[d] + more > on->most[d])) {
            return 0;
        }
    }
    return energy == 0 || (t->spare[p + 1] >= 0 && t->spare[p + 1] + energy >= 0);
}

/* What may vanish of the cost behind position p, where one has come to be in `state`: of a delay
 * traffic gives back no more than it is, waiting apart. With a break to come that is a guess, made
 * in large tours only. */
int64_t laden_relief(const tour_t *t, int32_t p, const state_t *state) {
    const terrain_t *on = t->on;
    int64_t later = state->clock - t->state[p].clock;
    int32_t even = !on->slices && state->breaks == on->breaks && t->state[p].breaks == on->breaks;
    if (later < 0 || (t->m <= SMALL && !even)) {
        return t->rest[p + 1];
    }
    return t->ease[p + 1] + (on->slices ? later * FINE : 0);
}

/* Whether some leg behind position p is surely overloaded that is not now. */
static int32_t overloads(const tour_t *t, int32_t p, const state_t *state) {
    const terrain_t *on = t->on;
    const int64_t *peak = t->peak + (ptrdiff_t)(p + 1) * DIMENSIONS;
    for (int32_t d = 0; d < on->dimensions; d++) {
        int64_t more = state->load[d] - t->state[p].load[d];
        if (peak[d] <= on->most[d] && peak[d] + more > on->most[d]) {
            return 1;
        }
    }
    return 0;
}

/* What is added in all, where one has come to be in `state` at position p and goes on as before;
 * at least `limit` if it gives up. */
int64_t laden_tail(const tour_t *t, int32_t p, state_t state, int64_t limit) {
    const terrain_t *on = t->on;
    if (p <= t->m && overloads(t, p, &state)) {
        int64_t at_least = state.cost - t->spent[p] + BREACH - t->rest[p + 1];
        if (at_least >= limit) {
            return at_least;
        }
    }
    for (;; p++) {
        const state_t *now = t->state + p;
        int64_t added = state.cost - now->cost, later = state.clock - now->clock;
        if (p > t->m) {
            return added;
        }
        int32_t as_before = later == 0 && state.breaks == now->breaks;
        int32_t no_break = state.breaks == now->breaks && now->breaks == on->breaks;
        if (as_before && state.battery == now->battery && loads_same(on, &state, now)) {
            return added;
        }
        if ((as_before || (no_break && !on->slices)) && bears(t, p, &state)) {
            return added + tour_shifted(t, p + 1, t->m + 1, &later, limit - added);
        }
        int64_t at_least = added - laden_relief(t, p, &state);
        if (at_least >= limit) {
            return at_least;
        }
        laden_step(on, &state, t->node[p], t->node[p + 1]);
    }
}

/* What a changed tour costs more: as it is up to position `at`, then the runs, of which the last
 * goes on to the end. At least `limit` if that is reached. */
int64_t laden_try(const tour_t *t, int32_t at, const run_t *runs, int32_t count,
                  int64_t limit) {
    state_t state = t->state[at];
    int32_t here = t->node[at];
    for (int32_t r = 0; r < count; r++) {
        if (runs[r].node) {
            laden_step(t->on, &state, here, runs[r].node);
            here = runs[r].node;
            continue;
        }
        int32_t p = runs[r].from, to = runs[r].to, by = to < p ? -1 : 1;
        if (r == count - 1) {
            laden_step(t->on, &state, here, t->node[p]);
            return laden_tail(t, p, state, limit);
        }
        for (;; p += by) {
            laden_step(t->on, &state, here, t->node[p]);
            here = t->node[p];
            if (p == to) {
                break;
            }
        }
        if (state.cost - t->cost >= limit) {
            return state.cost - t->cost;
        }
    }
    return state.cost - t->cost;
}

/* Whether no pair is turned round if positions from to to change places with first to last. */
int32_t laden_keeps_pairs(const tour_t *t, int32_t from, int32_t to, int32_t first,
                          int32_t last) {
    for (int32_t p = first; p <= last; p++) {
        int32_t other = t->on->pickup_of[t->node[p]];
        if (other && t->place[other] >= from && t->place[other] <= to) {
            return 0;
        }
    }
    return 1;
}
