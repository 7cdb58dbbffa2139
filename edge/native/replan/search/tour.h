/* A tour being worked on: what it costs now, and what a change would make of that.
 *
 * Positions run from 0 (where the vehicle is) over 1 to m (stops) to m + 1 (the end); nodes are
 * those of edge/native/replan/problem.py. Clocks are milliseconds. Costs are kept FINE times finer,
 * because waiting is priced in per cent. */
#ifndef DOORSTEP_TOUR_H
#define DOORSTEP_TOUR_H

#include <stddef.h>
#include <stdint.h>

#define FINE 100
#define DEAREST ((int64_t)1 << 48) /* of one stop's lateness: 4,000 of them still fit 64 bits */
#define BREACH (((int64_t)1 << 41) * FINE)
#define FURTHEST ((int64_t)1 << 40) /* that a breach goes too far, or an arrival from a span */
#define DIMENSIONS 3                /* of a load; unused ones are 0 */
#define NEVER_LATER INT64_MAX
#define PACE_ONE 20                 /* bits: edge/native/replan/parts.py */

/* The problem in the shapes the search reads fast; never changes. The arrays belong to the
 * caller (edge/native/replan/question.py, which has the same list) and outlive the search. */
typedef struct {
    int64_t n, end, width; /* stops; the node where the tour ends; nodes in all */
    int64_t locked;        /* positions 1 to `locked` stay as they are */
    int64_t gaps;          /* some stop has more than one window */
    int64_t told;          /* some stop has a deadline, an announced or a doubtful arrival */
    int64_t laden;         /* what follows `drop` counts: the tour is driven by laden.c */
    int64_t wait_pct, start_ms, told_weight, told_most; /* told_most: that costs DEAREST */
    int64_t change;        /* fine cost of a link that breaks the order before */
    int64_t slices, least_permille, breaks, dimensions;
    int64_t energy, at_start, battery, reserve; /* whether there is any; what it holds */
    const int64_t *leg, *leg_to;     /* (width, width) service at from, then travel; transposed */
    const int32_t *price, *price_to; /* travel, and what changing the link costs; transposed */
    const int32_t *window_from;      /* (width + 1,) each node's first window */
    const int64_t *opens, *closes;
    const int64_t *late_weight; /* by node: fine cost of a millisecond */
    const int64_t *latest_told; /* by node: lateness that already costs DEAREST */
    const int64_t *drop;        /* by node: fine cost of leaving it out */
    const int64_t *told_first, *told_last, *deadline; /* by node */
    const int64_t *doubt_from, *doubt_to, *doubt; /* by node: span, fine cost of a millisecond */
    const int64_t *service, *charge;                  /* by node */
    const int32_t *rank;       /* by node: in the order before; -1 outside */
    const int32_t *pickup_of;  /* by node: the stop that comes before and with it; or 0 */
    const int32_t *delivery_of; /* by node: the stop that comes after and with it; or 0 */
    const int64_t *load, *on_board, *most; /* (width, DIMENSIONS) taken off; by dimension */
    const int64_t *pause_opens, *pause_closes, *pause_lasts;
    const int32_t *use;       /* (width, width) energy */
    const int64_t *slice_end; /* but the last: it has none */
    const int64_t *speed;     /* (classes, slices) units covered in a millisecond */
    const int64_t *pace;      /* (classes, slices) in 1024ths */
    const uint8_t *class_of;  /* (width, width) */
} terrain_t;

/* How far one has come: `clock` is the beginning of service, all else holds after it. */
typedef struct {
    int64_t clock, cost, battery, load[DIMENSIONS];
    int32_t breaks, slice;
} state_t;

typedef struct {
    const terrain_t *on;
    int32_t m;
    int32_t *node;          /* by position */
    int32_t *place;         /* by node: its position, -1 outside the tour */
    int32_t *link;          /* by position: price of the link that leads here */
    int64_t *arrive, *begin; /* by position: arrival; service begins */
    int64_t *spent;         /* by position: fine cost of links, waiting, lateness up to it */
    int32_t *timed;         /* positions with windows, rising */
    int32_t *timed_from;    /* by position: index in `timed` of the first at or after it */
    /* By index in `timed`, with one more for the end: seen from an arrival there on, */
    int64_t *waits;         /* fine cost of all waiting, and of coming before the told span */
    int64_t *slope;         /* what a millisecond later costs, if little */
    int64_t *slack;         /* how much later makes nothing later than it is */
    int64_t *dear;          /* fine cost of each millisecond beyond that */
    int64_t *bound;         /* by position: scratch of tour_best_place */
    /* By position, where the problem is laden: seen from the leg there on, */
    state_t *state;         /* after service there */
    int64_t *ease;          /* fine cost that may vanish if nothing comes sooner */
    int64_t *rest;          /* and if something does */
    int64_t *peak;          /* (DIMENSIONS,) by position: the highest load */
    int64_t *spare;         /* energy above the reserve at the worst arrival */
    int64_t *behind;        /* scratch of laden_best_pair */
    int64_t cost;           /* of links, waiting, lateness; without stops left out */
    const int64_t *until_ns; /* when the time is over: a question is then left half answered */
} tour_t;

/* The fine cost of going too far by so much. */
static inline int64_t breach(int64_t amount) {
    if (amount <= 0) {
        return 0;
    }
    return BREACH + (amount < FURTHEST ? amount : FURTHEST) * FINE;
}

/* The fine cost of an arrival by which a promise may be broken. */
static inline int64_t doubt_cost(const terrain_t *on, int32_t node, int64_t arrive) {
    int64_t by = (arrive < on->doubt_to[node] ? arrive : on->doubt_to[node]);
    return by <= on->doubt_from[node] ? 0 : (by - on->doubt_from[node]) * on->doubt[node];
}

/* The fine cost of a doubtful arrival, of one outside its announced span, and of a missed
 * deadline. */
static inline int64_t told_cost(const terrain_t *on, int32_t node, int64_t arrive,
                                int64_t begin) {
    int64_t away = on->told_first[node] - arrive;
    if (away < arrive - on->told_last[node]) {
        away = arrive - on->told_last[node];
    }
    int64_t cost = away <= 0 ? 0 : away >= on->told_most ? DEAREST : away * on->told_weight;
    return cost + doubt_cost(on, node, arrive) + breach(begin - on->deadline[node]);
}

/* When service begins at a node after an arrival, and the fine cost of waiting or lateness. */
static inline int64_t opened(const terrain_t *on, int32_t node, int64_t arrive, int64_t *cost) {
    int32_t w = on->window_from[node], end = on->window_from[node + 1];
    *cost = 0;
    for (; w < end; w++) {
        if (arrive <= on->closes[w]) {
            if (arrive >= on->opens[w]) {
                return arrive;
            }
            *cost = (on->opens[w] - arrive) * on->wait_pct;
            return on->opens[w];
        }
    }
    if (end > on->window_from[node]) {
        int64_t late = arrive - on->closes[end - 1];
        *cost = late >= on->latest_told[node] ? DEAREST : late * on->late_weight[node];
    }
    return arrive;
}

/* The same with what was told to the customer. */
static inline int64_t served(const terrain_t *on, int32_t node, int64_t arrive, int64_t *cost) {
    int64_t begin = opened(on, node, arrive, cost);
    if (on->told) {
        *cost += told_cost(on, node, arrive, begin);
    }
    return begin;
}

static inline int64_t leg_of(const terrain_t *on, int32_t from, int32_t to) {
    return on->leg[(ptrdiff_t)from * on->width + to];
}

static inline int64_t price_of(const terrain_t *on, int32_t from, int32_t to) {
    return on->price[(ptrdiff_t)from * on->width + to];
}

/* The price of a link at the pace of the time when position p is served. */
static inline int64_t price_at(const tour_t *tour, int32_t p, int32_t from, int32_t to) {
    const terrain_t *on = tour->on;
    ptrdiff_t link = (ptrdiff_t)from * on->width + to;
    if (!on->slices) {
        return on->price[link];
    }
    const int64_t *pace = on->pace + on->class_of[link] * on->slices;
    return ((on->leg[link] - on->service[from]) * pace[tour->state[p].slice] >> 10) +
           (on->rank[from] >= 0 && on->rank[to] >= 0 && on->rank[to] != on->rank[from] + 1
                ? on->change / FINE
                : 0);
}

/* Chance: xorshift64*, the same draws as edge/native/replan/reference/ruin.py. */
static inline int32_t below(uint64_t *state, int32_t bound) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return (int32_t)((((x * 0x2545F4914F6CDD1DULL) >> 33) * (uint64_t)bound) >> 31);
}

int64_t search_clock_ns(void);

/* Whether the time of this slice is over; where rounds are counted there is no clock. */
static inline int32_t tour_is_over(const tour_t *tour) {
    return *tour->until_ns != NEVER_LATER && search_clock_ns() >= *tour->until_ns;
}

void tour_drive(tour_t *tour, int32_t from);
void tour_look_back(tour_t *tour);
int32_t tour_shed(tour_t *tour, int32_t hurry);
void tour_take_out(tour_t *tour, int32_t at);
void tour_insert(tour_t *tour, int32_t node, int32_t at);
int64_t tour_shifted(const tour_t *tour, int32_t first, int32_t last, int64_t *later,
                     int64_t limit);
int32_t tour_best_place(tour_t *tour, int32_t node, int64_t most, uint64_t *lots);
int32_t move_exchange(tour_t *tour, const int32_t *near, int32_t stride, int32_t count,
                      int32_t *scratch, int32_t at);
int32_t move_reverse(tour_t *tour, const int32_t *near, int32_t stride, int32_t count,
                     int32_t at);

#endif
