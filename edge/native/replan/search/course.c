/* The course of a search: rounds of ruin and recreate (ruin.c); what comes out promising is
 * improved by moves (moves.c); a worse order is taken over at times, less and less (annealing).
 *
 * It goes three ways one after the other: from the given order, from none, from the best. A
 * given order holds on to its large shape; another is found only by who does not know it. */
#include <string.h>

#include "search.h"

#define HOT 3        /* a third of a mean leg */
#define HALVINGS 7   /* of the heat, from the first round of a way to its last */
#define PROMISING 10 /* times the slack: worth the moves */
#define AFRESH 448   /* of 1024 of the search: from here on from no order */
#define RETURN 896   /* from here on from the best */
#define COOLED 614   /* of 1024: as far as the heat has gone on the last way */
#define RARELY 4     /* one round in so many is generous, while stops are left out */
#define REFUEL 10    /* and one refuels, where energy counts */

/* -ln((i + 0.5) / 64) * 256: how much worse than the present an order may be. */
static const int32_t SLACK[64] = {
    1242, 961, 830, 744, 680, 628, 585, 549, 517, 488, 463, 439, 418, 398, 380, 363,
    347, 332, 318, 304, 291, 279, 268, 256, 246, 236, 226, 216, 207, 198, 190, 181,
    173, 166, 158, 151, 144, 137, 130, 124, 117, 111, 105, 99, 93, 87, 82, 76,
    71, 66, 61, 56, 51, 46, 41, 36, 32, 27, 23, 19, 14, 10, 6, 2};

int64_t search_cost(const search_t *s, const tour_t *t) {
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
        if ((quiet & 15) == 0 && search_is_over(s)) {
            return;
        }
    }
}

void search_take(search_t *s, const tour_t *t, int64_t cost) {
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

/* Take the heat that the mean leg of the present order suggests. */
void search_warm_up(search_t *s) {
    int64_t links = 0;
    for (int32_t p = 1; p <= s->now.m + 1; p++) {
        links += s->now.link[p];
    }
    s->heat = links * FINE / (s->now.m + 1) / HOT;
}

/* Forget the present order and begin with nothing but the locked stops. */
static void begin_afresh(search_t *s) {
    tour_t *t = &s->now;
    int32_t count = 0;
    for (int32_t p = s->on.locked + 1; p <= t->m; p++) {
        t->place[t->node[p]] = -1;
    }
    t->m = s->on.locked;
    tour_drive(t, 1);
    for (int32_t node = 1; node <= s->on.n; node++) {
        if (t->place[node] < 0) {
            s->pool[count++] = node;
        }
    }
    search_order_pool(s, count);
    search_recreate(s, t, count, &s->lots, GENEROUS);
    walk_downhill(s, t);
    search_take(s, t, search_cost(s, t));
}

static void return_to_best(search_t *s) {
    tour_t *t = &s->now;
    memset(t->place, -1, (size_t)s->on.width * sizeof *t->place);
    t->m = s->best_m;
    memcpy(t->node + 1, s->best, (size_t)s->best_m * sizeof *s->best);
    tour_drive(t, 1);
    s->now_cost = s->best_cost;
}

/* Change the way when it is time; returns how much of 1024 of the present one is done. */
static int64_t done_of_way(search_t *s, int64_t done) {
    if (s->way == FROM_GIVEN && done >= AFRESH) {
        begin_afresh(s);
        s->way = FROM_NONE;
    }
    if (s->way == FROM_NONE && done >= RETURN) {
        return_to_best(s);
        s->way = FROM_BEST;
    }
    switch (s->way) {
    case FROM_GIVEN:
        return done * 1024 / AFRESH;
    case FROM_NONE:
        return done > AFRESH ? (done - AFRESH) * 1024 / (RETURN - AFRESH) : 0;
    case FROM_BEST:
        return done > RETURN ? COOLED + (done - RETURN) * (1024 - COOLED) / (1024 - RETURN)
                             : COOLED;
    default:
        return done;
    }
}

void search_round(search_t *s, int64_t done) {
    tour_t *t = &s->trial;
    done = done_of_way(s, done);
    copy_order(t, &s->now);
    mood_t mood = s->now.m < s->on.n && below(&s->lots, RARELY) == 0 ? GENEROUS : STRICT;
    if (s->on.energy && below(&s->lots, REFUEL) == 0) {
        mood = REFUELLING;
    }
    int32_t count = search_ruin(s, t, mood);
    search_order_pool(s, count);
    search_recreate(s, t, count, &s->lots, mood);
    int64_t cost = search_cost(s, t), slack = slack_of(s, done);
    if (cost != s->now_cost && cost < s->now_cost + PROMISING * slack) {
        walk_downhill(s, t);
        cost = search_cost(s, t);
    }
    s->rounds++;
    if (cost < s->now_cost + slack) {
        tour_t swap = s->now;
        s->now = s->trial;
        s->trial = swap;
        search_take(s, &s->now, cost);
    }
}

/* The first round: nothing taken out, only moves. */
void search_begin(search_t *s) {
    walk_downhill(s, &s->now);
    search_take(s, &s->now, search_cost(s, &s->now));
    s->walked = 1;
}
