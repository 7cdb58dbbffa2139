/* The quickest ways from some nodes to all others, where most pairs are joined.
 *
 * Dijkstra without a heap: in a graph this dense looking for the nearest open node costs no more
 * than relaxing its row. Ties go to the lower number, so the answer is the same everywhere. */

#include <stdint.h>
#include <stdlib.h>

#define CLOSED INT32_MAX

/* time_out[s * n + v] = the time from node sources[s] to node v, CLOSED if there is no way;
 * before_out likewise: the node before v on that way, -1 at the source or without a way.
 * times[u * n + v] >= 0 is that of the straight line, CLOSED without one. Ways lead through the
 * nodes from first_through on only. A way too long for 32 bits is none.
 * Returns 0, or -1 when there is no memory. */
int32_t doorstep_air_ways(const int32_t *times, int32_t n, const int32_t *sources,
                          int32_t source_count, int32_t first_through, int32_t *time_out,
                          int32_t *before_out)
{
    if (n <= 0 || source_count <= 0)
        return 0;
    int32_t *open = malloc((size_t)n * sizeof *open); /* not settled yet, in any order */
    if (open == NULL)
        return -1;
    for (int32_t s = 0; s < source_count; s++) {
        int32_t *time = time_out + (size_t)s * (size_t)n;
        int32_t *before = before_out + (size_t)s * (size_t)n;
        for (int32_t v = 0; v < n; v++) {
            open[v] = v;
            time[v] = CLOSED;
            before[v] = -1;
        }
        int32_t u = sources[s], open_count = n - 1;
        time[u] = 0;
        open[u] = open[n - 1];
        for (;;) {
            const int32_t now = time[u];
            const int through = u >= first_through || u == sources[s];
            const int32_t *row = times + (size_t)u * (size_t)n;
            int32_t soonest = CLOSED, next = -1;
            for (int32_t k = 0; k < open_count; k++) {
                const int32_t v = open[k];
                if (through && row[v] != CLOSED && row[v] < time[v] - now) {
                    time[v] = now + row[v];
                    before[v] = u;
                }
                if (time[v] < soonest || (next >= 0 && time[v] == soonest && v < open[next])) {
                    soonest = time[v];
                    next = k;
                }
            }
            if (next < 0)
                break;
            u = open[next];
            open[next] = open[--open_count];
        }
    }
    free(open);
    return 0;
}
