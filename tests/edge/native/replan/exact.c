/* The best order of a few stops, surely: dynamic programming over sets of stops.
 *
 * Written from the definition of the cost in edge/native/replan/problem.py and from nothing else, so
 * that it may judge the kernel. For every set of served stops and the last of them it keeps the
 * (clock, cost) pairs that may still win. Who comes earlier by d can cost at most d of waiting
 * more later on, for waiting shrinks the lead by as much: a pair dominates those that are later
 * and dearer even if it had to wait for the whole lead. Costs are hundredths of milliseconds. */
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    int64_t clock, cost;
    int32_t next;
} label_t;

typedef struct {
    int32_t n;
    const int32_t *travel, *service, *drop, *late_weight, *window_from;
    const int64_t *opens, *closes;
    int64_t wait_pct, change_ms;
    const int32_t *rank; /* in the order before; the start 0, strangers -1 */
    label_t *label;
    int32_t used, room;
    int32_t *first; /* by set and last stop: its labels */
    int failed;
} book_t;

static void keep(book_t *book, int32_t state, int64_t clock, int64_t cost) {
    for (int32_t i = book->first[state]; i >= 0; i = book->label[i].next) {
        const label_t *l = &book->label[i];
        if (l->clock <= clock && l->cost + (clock - l->clock) * book->wait_pct <= cost) {
            return;
        }
    }
    int32_t *link = &book->first[state];
    while (*link >= 0) {
        label_t *l = &book->label[*link];
        if (clock <= l->clock && cost + (l->clock - clock) * book->wait_pct <= l->cost) {
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
    book->label[book->used] = (label_t){clock, cost, book->first[state]};
    book->first[state] = book->used++;
}

static int64_t link_cost(const book_t *book, int32_t from, int32_t to) {
    int64_t cost = book->travel[from * (book->n + 2) + to];
    int32_t here = book->rank[from], there = book->rank[to];
    if (here >= 0 && there >= 0 && there != here + 1) {
        cost += book->change_ms;
    }
    return cost * 100;
}

static void drive(book_t *book, int32_t set, int32_t from, int32_t to, int64_t clock,
                  int64_t cost) {
    clock += book->travel[from * (book->n + 2) + to];
    cost += link_cost(book, from, to);
    int32_t w = book->window_from[to], end = book->window_from[to + 1];
    int64_t begin = clock;
    while (w < end && clock > book->closes[w]) {
        w++;
    }
    if (w < end && clock < book->opens[w]) {
        begin = book->opens[w];
        cost += (begin - clock) * book->wait_pct;
    } else if (w == end && end > book->window_from[to]) {
        cost += (clock - book->closes[end - 1]) * book->late_weight[to] * 100;
    }
    int32_t with = set | (int32_t)1 << (to - 1);
    keep(book, with * (book->n + 1) + to, begin + book->service[to], cost);
}

/* Return the least cost of any order that begins with the locked stops; -1 without memory. */
int64_t exact_least(int32_t n, const int32_t *travel, const int32_t *service,
                    const int32_t *drop, const int32_t *late_weight,
                    const int32_t *window_from, const int64_t *opens, const int64_t *closes,
                    int64_t start_ms, int64_t shift_end_ms, int64_t wait_pct,
                    int64_t overtime_weight, int64_t change_ms, const int32_t *rank,
                    const int32_t *locked, int32_t locked_count) {
    book_t book = {n,      travel, service,  drop,      late_weight, window_from,
                   opens,  closes, wait_pct, change_ms, rank,        NULL,
                   0,      0,      NULL,     0};
    int32_t sets = (int32_t)1 << n, states = sets * (n + 1);
    int64_t best = INT64_MAX;
    book.first = malloc((size_t)states * sizeof *book.first);
    if (!book.first) {
        return -1;
    }
    for (int32_t s = 0; s < states; s++) {
        book.first[s] = -1;
    }
    keep(&book, 0, start_ms, 0);
    for (int32_t set = 0; set < sets; set++) {
        int32_t length = 0;
        int64_t left_out = 0;
        for (int32_t to = 1; to <= n; to++) {
            length += set >> (to - 1) & 1;
            left_out += set >> (to - 1) & 1 ? 0 : (int64_t)drop[to] * 100;
        }
        int32_t known = length < locked_count ? length : locked_count;
        for (int32_t here = 0; here <= n; here++) {
            for (int32_t i = book.first[set * (n + 1) + here]; i >= 0;) {
                label_t l = book.label[i];
                i = l.next;
                if (length >= locked_count) {
                    int64_t leg = travel[here * (n + 2) + n + 1];
                    int64_t over = l.clock + leg - shift_end_ms;
                    int64_t cost = l.cost + leg * 100 + left_out;
                    cost += over > 0 ? over * overtime_weight * 100 : 0;
                    best = cost < best ? cost : best;
                }
                for (int32_t to = 1; to <= n; to++) {
                    if (!(set >> (to - 1) & 1) &&
                        (known == locked_count || to == locked[known])) {
                        drive(&book, set, here, to, l.clock, l.cost);
                    }
                }
            }
        }
    }
    free(book.first);
    free(book.label);
    return book.failed ? -1 : best;
}
