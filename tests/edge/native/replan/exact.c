/* The best order of a few stops, surely: dynamic programming over sets of stops.
 *
 * Written from the definition of the cost in edge/native/replan/problem.py and parts.py and from
 * nothing else, so that it may judge the kernel. For every set of served stops and the last of
 * them it keeps the labels (clock, cost, breaks taken, battery) that may still win. Costs are
 * hundredths of milliseconds.
 *
 * Of two labels with as many breaks taken, the one with no less in the battery may dominate. At
 * the same clock the cheaper one does. Who comes earlier by d can cost more later on, but at
 * most d of waiting, or of traffic that is over later (for both shrink the lead), and d before
 * each span that is still announced, or where traffic can stretch the lead again what is left
 * until the span; it dominates if it is cheaper by that. With a break to come nobody can say: then
 * only the same clock counts.
 *
 * Orders that turn a pair round or tear it are no candidates: to leave both out is cheaper. */
#include <stdint.h>
#include <stdlib.h>

#define BREACH (((int64_t)1 << 41) * 100)
#define NOTHING INT64_MIN

typedef struct {
    int64_t n, start_ms, shift_end_ms, wait_pct, overtime_weight, change_ms, announced_weight;
    int64_t locked_count, dimensions, breaks, has_energy, at_start, battery, reserve, slices;
    int64_t bound; /* cost that is known to be possible */
    const int64_t *travel, *service, *drop, *late_weight, *window_from, *opens, *closes;
    const int64_t *first_told, *last_told, *deadline; /* NOTHING: none */
    const int64_t *first_doubt, *last_doubt, *doubt_pct;
    const int64_t *rank;                              /* in the order before; strangers -1 */
    const int64_t *locked, *pickup_of;  /* 0: none */
    const int64_t *load, *on_board, *capacity;        /* (n + 2, dimensions) */
    const int64_t *pause_opens, *pause_closes, *pause_lasts;
    const int64_t *use, *charge, *starts, *permille, *class_of;
} asked_t;

typedef struct {
    int64_t clock, cost, battery;
    int32_t breaks, next;
} label_t;

typedef struct {
    const asked_t *on;
    label_t *label;
    int32_t used, room;
    int32_t *first;     /* by set and last stop: its labels */
    int64_t *shortest;  /* by node: the shortest way to it, at the best pace */
    int failed;
} book_t;

static int has(int32_t set, int64_t node) { return node > 0 && (set >> (node - 1) & 1); }

static int dominates(const asked_t *on, int32_t set, const label_t *a, const label_t *b) {
    int64_t lead = b->clock - a->clock, rate = on->wait_pct;
    if (a->breaks != b->breaks || a->battery < b->battery || lead < 0 || a->cost > b->cost) {
        return 0;
    }
    if (lead == 0) {
        return 1;
    }
    if (a->breaks < on->breaks || (on->slices && on->wait_pct > 100)) {
        return 0;
    }
    int64_t early = 0;
    for (int64_t node = 1; node <= on->n; node++) {
        int64_t most = on->first_told[node] == NOTHING ? 0 : on->first_told[node] - a->clock;
        if (most > 0 && !has(set, node)) {
            early += !on->slices && most > lead ? lead : most;
        }
    }
    rate = on->slices ? 100 : rate;
    return a->cost + lead * rate + early * on->announced_weight * 100 <= b->cost;
}

static void keep(book_t *book, int32_t set, int64_t last, label_t new) {
    int64_t state = set * (book->on->n + 1) + last, rest = 0;
    for (int64_t node = 1; node <= book->on->n; node++) {
        if (!has(set, node)) {
            int64_t way = book->shortest[node];
            rest += way < book->on->drop[node] ? way : book->on->drop[node];
        }
    }
    if (new.cost + (rest + book->shortest[book->on->n + 1]) * 100 >= book->on->bound) {
        return;
    }
    for (int32_t i = book->first[state]; i >= 0; i = book->label[i].next) {
        if (dominates(book->on, set, &book->label[i], &new)) {
            return;
        }
    }
    for (int32_t *link = &book->first[state]; *link >= 0;) {
        label_t *l = &book->label[*link];
        if (dominates(book->on, set, &new, l)) {
            *link = l->next;
        } else {
            link = &l->next;
        }
    }
    if (book->used == book->room) {
        int32_t room = book->room ? book->room * 2 : 4096;
        label_t *label = realloc(book->label, (size_t)room * sizeof *label);
        if (!label) {
            book->failed = 1;
            return;
        }
        book->label = label;
        book->room = room;
    }
    new.next = book->first[state];
    book->label[book->used] = new;
    book->first[state] = book->used++;
}

static int64_t at_node(const asked_t *on, int64_t from, int64_t to) {
    return from * (on->n + 2) + to;
}

/* When one is there: units are covered slice by slice. */
static int64_t arrival(const asked_t *on, int64_t from, int64_t to, int64_t leaves) {
    int64_t travel = on->travel[at_node(on, from, to)];
    if (!on->slices) {
        return leaves + travel;
    }
    const int64_t *pace = on->permille + on->class_of[at_node(on, from, to)] * on->slices;
    int64_t left = travel * 1048576;
    for (int64_t s = 0;; s++) {
        int64_t speed = 1048576000 / pace[s];
        if (s + 1 < on->slices) {
            if (leaves >= on->starts[s]) {
                continue;
            }
            int64_t covered = (on->starts[s] - leaves) * speed;
            if (covered < left) {
                left -= covered;
                leaves = on->starts[s];
                continue;
            }
        }
        return leaves + left / speed + (left % speed > 0);
    }
}

/* When service begins at a node. Sets how long one waits, and how late one is. */
static int64_t begins(const asked_t *on, int64_t node, int64_t arrives, int64_t *wait,
                      int64_t *late) {
    int64_t w = on->window_from[node], end = on->window_from[node + 1];
    *wait = *late = 0;
    if (w == end) {
        return arrives;
    }
    while (w < end && arrives > on->closes[w]) {
        w++;
    }
    if (w == end) {
        *late = arrives - on->closes[end - 1];
    } else if (arrives < on->opens[w]) {
        *wait = on->opens[w] - arrives;
    }
    return arrives + *wait;
}

static int64_t beyond(int64_t amount) { return amount > 0 ? BREACH + amount * 100 : 0; }

static int64_t overload(const asked_t *on, int32_t set) {
    int64_t excess = 0;
    for (int64_t d = 0; d < on->dimensions; d++) {
        int64_t load = on->on_board[d];
        for (int64_t node = 1; node <= on->n; node++) {
            load -= has(set, node) ? on->load[node * on->dimensions + d] : 0;
        }
        excess += load > on->capacity[d] ? load - on->capacity[d] : 0;
    }
    return beyond(excess);
}

/* Go on to a node or the end; the label is then that of having been served there. */
static label_t driven(const asked_t *on, int32_t set, int64_t from, int64_t to, label_t l) {
    int64_t wait, late, arrives, begin;
    for (;;) {
        arrives = arrival(on, from, to, l.clock);
        begin = begins(on, to, arrives, &wait, &late);
        if (l.breaks == on->breaks) {
            break;
        }
        int64_t done = begin + (to <= on->n ? on->service[to] : 0);
        if (l.clock < on->pause_opens[l.breaks] && done <= on->pause_closes[l.breaks]) {
            break;
        }
        l.clock += on->pause_lasts[l.breaks++];
    }
    int64_t here = on->rank[from], there = on->rank[to];
    int64_t change = here >= 0 && there >= 0 && there != here + 1 ? on->change_ms : 0;
    l.cost += (arrives - l.clock + change) * 100 + overload(on, set);
    if (on->has_energy) {
        l.battery -= on->use[at_node(on, from, to)];
        l.cost += beyond(on->reserve - l.battery);
    }
    l.clock = arrives;
    if (to > on->n) {
        return l;
    }
    l.cost += wait * on->wait_pct + late * on->late_weight[to] * 100;
    if (on->first_told[to] != NOTHING) {
        int64_t early = on->first_told[to] - arrives, after = arrives - on->last_told[to];
        int64_t away = early > 0 ? early : after > 0 ? after : 0;
        l.cost += away * on->announced_weight * 100;
    }
    int64_t by = arrives > on->last_doubt[to] ? on->last_doubt[to] : arrives;
    l.cost += by > on->first_doubt[to] ? (by - on->first_doubt[to]) * on->doubt_pct[to] : 0;
    if (on->deadline[to] != NOTHING) {
        l.cost += beyond(begin - on->deadline[to]);
    }
    if (on->has_energy) {
        l.battery += on->charge[to];
        l.battery = l.battery > on->battery ? on->battery : l.battery;
    }
    l.clock = begin + on->service[to];
    return l;
}

/* What stops that are left out cost at the end; -1 if a pair is torn. */
static int64_t left_out(const asked_t *on, int32_t set) {
    int64_t cost = 0;
    for (int64_t node = 1; node <= on->n; node++) {
        cost += has(set, node) ? 0 : on->drop[node] * 100;
        if (on->pickup_of[node] && has(set, node) != has(set, on->pickup_of[node])) {
            int32_t held = 0;
            for (int64_t i = 0; i < on->locked_count; i++) {
                held |= on->locked[i] == on->pickup_of[node];
            }
            if (!held) {
                return -1;
            }
            cost += BREACH;
        }
    }
    return cost;
}

static void find_shortest(book_t *book) {
    const asked_t *on = book->on;
    int64_t best_pace = 1000;
    for (int64_t i = 0; i < on->slices * 4; i++) { /* four classes */
        best_pace = on->permille[i] < best_pace ? on->permille[i] : best_pace;
    }
    for (int64_t to = 0; to <= on->n + 1; to++) {
        book->shortest[to] = INT64_MAX / 1000000;
        for (int64_t from = 0; from <= on->n; from++) {
            int64_t way = on->travel[at_node(on, from, to)] * best_pace / 1000;
            if (from != to && way < book->shortest[to]) {
                book->shortest[to] = way;
            }
        }
        book->shortest[to] -= book->shortest[to] > 0; /* speeds are rounded */
    }
}

/* Return the least cost of any order that begins with the locked stops, or the bound if none is
 * cheaper; -1 without memory. */
int64_t exact_least(const asked_t *on) {
    book_t book = {on, NULL, 0, 0, NULL, NULL, 0};
    int32_t sets = (int32_t)1 << on->n;
    int64_t states = sets * (on->n + 1), best = on->bound;
    book.first = malloc((size_t)states * sizeof *book.first);
    book.shortest = malloc((size_t)(on->n + 2) * sizeof *book.shortest);
    book.failed = !book.first || !book.shortest;
    for (int64_t s = 0; s < states && !book.failed; s++) {
        book.first[s] = -1;
    }
    if (!book.failed) {
        find_shortest(&book);
        keep(&book, 0, 0, (label_t){on->start_ms, 0, on->at_start, 0, -1});
    }
    for (int32_t set = 0; set < sets && !book.failed; set++) {
        int64_t length = 0, out = left_out(on, set);
        for (int64_t node = 1; node <= on->n; node++) {
            length += has(set, node);
        }
        for (int64_t here = 0; here <= on->n; here++) {
            for (int32_t i = book.first[set * (on->n + 1) + here]; i >= 0;) {
                label_t l = book.label[i];
                i = l.next;
                if (length >= on->locked_count && out >= 0) {
                    label_t end = driven(on, set, here, on->n + 1, l);
                    int64_t over = end.clock - on->shift_end_ms;
                    int64_t cost = end.cost + out;
                    cost += over > 0 ? over * on->overtime_weight * 100 : 0;
                    best = cost < best ? cost : best;
                }
                for (int64_t to = 1; to <= on->n; to++) {
                    if (has(set, to) || (on->pickup_of[to] && !has(set, on->pickup_of[to])) ||
                        (length < on->locked_count && to != on->locked[length])) {
                        continue;
                    }
                    keep(&book, set | (int32_t)1 << (to - 1), to,
                         driven(on, set, here, to, l));
                }
            }
        }
    }
    free(book.first);
    free(book.shortest);
    free(book.label);
    return book.failed ? -1 : best;
}
