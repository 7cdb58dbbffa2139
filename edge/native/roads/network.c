/* Networks of states made from a road graph and one user's weights.
 *
 * Turn-aware: a state is an arc that has been driven to its end, an edge is a turn into an arc
 * and costs that arc and the turn. By node: a state is a node, an edge an arc. A negative weight
 * closes an arc. States are renumbered by the caller, so that neighbours lie side by side. */

#include "search.h"

#include <stddef.h>

#define NO_PENALTY_DS 65535 /* FORBIDDEN_DS: of a turn that is for others than vans */

/* Return whether first[0..n] rises from 0 to `count`. */
static int are_spans(int32_t n, const int32_t *first, int32_t count)
{
    if (n < 0 || count < 0 || first[0] != 0 || first[n] != count)
        return 0;
    for (int32_t i = 0; i < n; i++)
        if (first[i + 1] < first[i])
            return 0;
    return 1;
}

static int are_within(const int32_t *values, int32_t count, int32_t end)
{
    for (int32_t i = 0; i < count; i++)
        if (values[i] < 0 || values[i] >= end)
            return 0;
    return 1;
}

static int32_t clamped(int64_t cost)
{
    return cost < LONGEST_MS ? (int32_t)cost : LONGEST_MS;
}

/* first_out has arcs + 1 cells, edges_out as many as there are turns. Turns without the access
 * bit are left out; a tenth of a second of penalty costs ms_per_ds.
 * Returns the number of edges, or -1: the arrays do not fit together. */
int32_t doorstep_roads_turn_network(int32_t arcs, const int32_t *first_turn, int32_t turns,
                                    const int32_t *turn_to, const uint16_t *turn_ds,
                                    const uint8_t *turn_access, int32_t access_bit,
                                    int32_t ms_per_ds, const int32_t *weight_ms,
                                    int32_t *first_out, struct edge *edges_out)
{
    if (!are_spans(arcs, first_turn, turns) || !are_within(turn_to, turns, arcs) ||
        ms_per_ds < 0)
        return -1;
    int32_t count = 0;
    for (int32_t arc = 0; arc < arcs; arc++) {
        first_out[arc] = count;
        for (int32_t turn = first_turn[arc]; turn < first_turn[arc + 1]; turn++) {
            const int32_t into = turn_to[turn];
            if (weight_ms[into] < 0 || !(turn_access[turn] & access_bit))
                continue;
            const int64_t ds = turn_ds[turn] == NO_PENALTY_DS ? 0 : turn_ds[turn];
            edges_out[count++] = (struct edge){into, clamped(weight_ms[into] + ms_per_ds * ds)};
        }
    }
    first_out[arcs] = count;
    return count;
}

/* The same by node: arcs are sorted by the node they leave. edges_out has a cell for each arc. */
int32_t doorstep_roads_node_network(int32_t nodes, const int32_t *first_arc, int32_t arcs,
                                    const int32_t *arc_head, const int32_t *weight_ms,
                                    int32_t *first_out, struct edge *edges_out)
{
    if (!are_spans(nodes, first_arc, arcs) || !are_within(arc_head, arcs, nodes))
        return -1;
    int32_t count = 0;
    for (int32_t node = 0; node < nodes; node++) {
        first_out[node] = count;
        for (int32_t arc = first_arc[node]; arc < first_arc[node + 1]; arc++)
            if (weight_ms[arc] >= 0)
                edges_out[count++] = (struct edge){arc_head[arc], clamped(weight_ms[arc])};
    }
    first_out[nodes] = count;
    return count;
}

/* The network with every edge the other way. Arrays as large as those given. */
int32_t doorstep_roads_reversed(int32_t n, const int32_t *first, const struct edge *edges,
                                int32_t *first_out, struct edge *edges_out)
{
    if (!are_spans(n, first, n >= 0 ? first[n] : 0))
        return -1;
    for (int32_t i = 0; i <= n; i++)
        first_out[i] = 0;
    for (int32_t i = 0; i < first[n]; i++) {
        if (edges[i].to < 0 || edges[i].to >= n)
            return -1;
        first_out[edges[i].to + 1]++;
    }
    for (int32_t i = 0; i < n; i++)
        first_out[i + 1] += first_out[i];
    for (int32_t from = n - 1; from >= 0; from--) /* from behind: each span fills backwards */
        for (int32_t i = first[from + 1] - 1; i >= first[from]; i--) {
            const int32_t at = --first_out[edges[i].to + 1];
            edges_out[at] = (struct edge){from, edges[i].cost};
        }
    /* first_out[to + 1] has gone back to where the span of `to` begins */
    for (int32_t i = 0; i < n; i++)
        first_out[i] = first_out[i + 1];
    first_out[n] = first[n];
    return first[n];
}
