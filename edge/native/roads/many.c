/* Times from many points to many, and the way from one point to another.
 *
 * A point may be entered and left in several states: the two directions of a street, say. A
 * start says after how long it reaches each state, a goal what is to be added to the label of
 * each, which is negative where an arc is not driven to its end. */

#include "search.h"

#include <stdlib.h>
#include <string.h>

/* Places of points in the network: those of point p are first[p] to first[p + 1]. */
struct places {
    int32_t points;
    const int32_t *first, *at, *ms;
};

/* What a goal needs to be found while searching. */
struct goals {
    struct places places;
    uint8_t *marks;    /* a bit for each state that is one of a goal */
    int32_t *chain;    /* n: the first place in each marked state */
    int32_t *next;     /* of each place: the next in the same state, or NONE */
    int32_t *point_of; /* of each place */
    int32_t *seen_by;  /* of each point: the last row that reached it */
    int32_t wanted;    /* points that have a place at all */
};

static int are_places(const struct places *places, int32_t n)
{
    if (places->points < 0 || places->first[0] != 0)
        return 0;
    for (int32_t p = 0; p < places->points; p++)
        if (places->first[p + 1] < places->first[p])
            return 0;
    for (int32_t k = 0; k < places->first[places->points]; k++)
        if (places->at[k] < 0 || places->at[k] >= n || places->ms[k] < -LONGEST_MS ||
            places->ms[k] > LONGEST_MS)
            return 0;
    return 1;
}

static void goals_close(struct goals *goals)
{
    free(goals->marks);
    free(goals->chain);
    free(goals->next);
    free(goals->point_of);
    free(goals->seen_by);
}

/* Return 0 if there is no memory. */
static int goals_open(struct goals *goals, const struct places *places, int32_t n)
{
    const int32_t count = places->first[places->points];
    const size_t cells = (size_t)count + 1;
    memset(goals, 0, sizeof *goals);
    goals->places = *places;
    goals->marks = calloc((size_t)n / 8 + 1, 1);
    goals->chain = malloc(((size_t)n + 1) * sizeof *goals->chain);
    goals->next = malloc(cells * sizeof *goals->next);
    goals->point_of = malloc(cells * sizeof *goals->point_of);
    goals->seen_by = malloc(((size_t)places->points + 1) * sizeof *goals->seen_by);
    if (goals->marks == NULL || goals->chain == NULL || goals->next == NULL ||
        goals->point_of == NULL || goals->seen_by == NULL) {
        goals_close(goals);
        return 0;
    }
    for (int32_t p = 0; p < places->points; p++) {
        goals->seen_by[p] = NONE;
        goals->wanted += places->first[p + 1] > places->first[p];
        for (int32_t k = places->first[p]; k < places->first[p + 1]; k++) {
            const int32_t at = places->at[k];
            const uint8_t bit = (uint8_t)(1 << (at & 7));
            goals->next[k] = goals->marks[at >> 3] & bit ? goals->chain[at] : NONE;
            goals->marks[at >> 3] |= bit;
            goals->chain[at] = k;
            goals->point_of[k] = p;
        }
    }
    return 1;
}

/* Return the place of a point from which its time is least, or NONE; its time in `best`. */
static int32_t least_place(const struct search *search, const struct places *places,
                           int32_t point, int32_t *best)
{
    int32_t found = NONE;
    *best = LONGEST_MS;
    for (int32_t k = places->first[point]; k < places->first[point + 1]; k++) {
        const int32_t label = search->states[places->at[k]].label;
        if (label == UNTOUCHED)
            continue;
        const int32_t time = label + places->ms[k] > 0 ? label + places->ms[k] : 0;
        if (time < *best) {
            *best = time;
            found = k;
        }
    }
    return found;
}

/* Return the label from which on nothing can improve the time of any goal. */
static int32_t last_label(const struct search *search, const struct places *places)
{
    int32_t last = 0;
    for (int32_t p = 0; p < places->points; p++) {
        int32_t best, least_ms = 0;
        if (least_place(search, places, p, &best) == NONE)
            continue;
        for (int32_t k = places->first[p]; k < places->first[p + 1]; k++)
            if (places->ms[k] < least_ms)
                least_ms = places->ms[k];
        if (best - least_ms > last)
            last = best - least_ms;
    }
    return last;
}

/* Search from one start until no goal's time can improve. */
static void search_row(struct search *search, const struct places *starts,
                       const struct goals *goals, int32_t row)
{
    int32_t missing = goals->wanted, last = INT32_MAX;
    search_clear(search);
    for (int32_t k = starts->first[row]; k < starts->first[row + 1]; k++)
        search_seed(search, starts->at[k], starts->ms[k], NONE - k);
    for (int32_t at; (at = search_step(search)) != NONE;) {
        if (goals->marks[at >> 3] & 1 << (at & 7))
            for (int32_t k = goals->chain[at]; k != NONE; k = goals->next[k]) {
                int32_t *seen_by = &goals->seen_by[goals->point_of[k]];
                missing -= *seen_by != row;
                *seen_by = row;
            }
        if (missing > 0)
            continue;
        if (last == INT32_MAX)
            last = last_label(search, &goals->places);
        if (search_floor(search) > last)
            return;
    }
}

static int are_starts(const struct places *starts, int32_t n)
{
    if (!are_places(starts, n))
        return 0;
    for (int32_t k = 0; k < starts->first[starts->points]; k++)
        if (starts->ms[k] < 0)
            return 0;
    return 1;
}

/* out[row * columns + column] = least time from a start to a goal, LONGEST_MS if there is no
 * way. The time spent inside one and the same state is the caller's.
 * Returns 0, or -1: what was given is no network, or there is no memory. */
int32_t doorstep_roads_many(int32_t n, const int32_t *first, const struct edge *edges,
                            int32_t rows, const int32_t *start_first, const int32_t *start_at,
                            const int32_t *start_ms, int32_t columns,
                            const int32_t *goal_first, const int32_t *goal_at,
                            const int32_t *goal_ms, int32_t *out)
{
    const struct places starts = {rows, start_first, start_at, start_ms};
    const struct places places = {columns, goal_first, goal_at, goal_ms};
    struct goals goals;
    if (!are_starts(&starts, n) || !are_places(&places, n) || !goals_open(&goals, &places, n))
        return -1;
    struct search *search = search_open(n, first, edges, 0);
    if (search == NULL) {
        goals_close(&goals);
        return -1;
    }
    for (int32_t row = 0; row < rows; row++) {
        search_row(search, &starts, &goals, row);
        for (int32_t p = 0; p < columns; p++)
            least_place(search, &places, p, &out[(size_t)row * (size_t)columns + (size_t)p]);
    }
    search_close(search);
    goals_close(&goals);
    return 0;
}

/* states_out (n) = the states on the way from one start to one goal, the first being a place of
 * the start, the last one of the goal; ends_out = the numbers of these two places, the time.
 * Returns how many, 0 if there is no way, -1 as above. */
int32_t doorstep_roads_way(int32_t n, const int32_t *first, const struct edge *edges,
                           int32_t start_count, const int32_t *start_at,
                           const int32_t *start_ms, int32_t goal_count, const int32_t *goal_at,
                           const int32_t *goal_ms, int32_t *states_out, int32_t *ends_out)
{
    const int32_t start_first[2] = {0, start_count}, goal_first[2] = {0, goal_count};
    const struct places starts = {1, start_first, start_at, start_ms};
    const struct places places = {1, goal_first, goal_at, goal_ms};
    struct goals goals;
    if (!are_starts(&starts, n) || !are_places(&places, n) || !goals_open(&goals, &places, n))
        return -1;
    struct search *search = search_open(n, first, edges, 1);
    if (search == NULL) {
        goals_close(&goals);
        return -1;
    }
    search_row(search, &starts, &goals, 0);
    int32_t time, count = 0;
    const int32_t goal = least_place(search, &places, 0, &time);
    if (goal != NONE) {
        int32_t at = goal_at[goal];
        for (; at >= 0 && count < n; at = search->parent[at])
            states_out[count++] = at;
        for (int32_t i = 0; i < count / 2; i++) {
            const int32_t swapped = states_out[i];
            states_out[i] = states_out[count - 1 - i];
            states_out[count - 1 - i] = swapped;
        }
        ends_out[0] = NONE - at;
        ends_out[1] = goal;
        ends_out[2] = time;
    }
    search_close(search);
    goals_close(&goals);
    return count;
}
