/* Solve the problems of a file and print the plans: the same on every machine.
 *
 * The file is written by test_machines.py; for each problem it holds the figures and arrays of
 * terrain_t, the start order, the seed and the rounds, each array behind its length in bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "tour.h"

#define MOST_ARRAYS 64

void *doorstep_replan_open(const terrain_t *on, const int32_t *order, int32_t m, uint64_t seed,
                           int64_t whole_ns);
void doorstep_replan_rounds(void *search, int64_t rounds, int64_t done, int64_t until);
int32_t doorstep_replan_best(const void *search, int32_t *order, int64_t *cost,
                             int64_t *rounds);
void doorstep_replan_close(void *search);

/* The next array of the file, and its length in bytes; NULL at the end. */
static void *next(FILE *file, int64_t *bytes) {
    if (fread(bytes, sizeof *bytes, 1, file) != 1) {
        return NULL;
    }
    void *array = malloc((size_t)*bytes + 8);
    if (!array || fread(array, 1, (size_t)*bytes, file) != (size_t)*bytes) {
        fprintf(stderr, "the file ends within an array\n");
        exit(1);
    }
    return array;
}

static void solve(const terrain_t *on, const int32_t *start, int32_t m, const int64_t *asked) {
    void *search = doorstep_replan_open(on, start, m, (uint64_t)asked[0], INT64_MAX);
    int32_t *order = malloc((size_t)on->width * sizeof *order);
    int64_t cost, rounds;
    doorstep_replan_rounds(search, asked[1], 0, 1024);
    int32_t count = doorstep_replan_best(search, order, &cost, &rounds);
    printf("%lld:", (long long)cost);
    for (int32_t i = 0; i < count; i++) {
        printf(" %d", (int)order[i]);
    }
    printf("\n");
    free(order);
    doorstep_replan_close(search);
}

int main(int argc, char **argv) {
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: plans FILE\n");
        return 1;
    }
    for (;;) {
        int64_t bytes, asked_bytes;
        terrain_t on;
        int64_t *figures = next(file, &bytes);
        if (!figures) {
            break;
        }
        size_t pointers = (sizeof on - (size_t)bytes) / sizeof(void *);
        void *arrays[MOST_ARRAYS] = {figures};
        for (size_t i = 0; i < (size_t)bytes / sizeof *figures; i++) {
            ((int64_t *)&on)[i] = figures[i];
        }
        for (size_t i = 0; i < pointers; i++) {
            int64_t length;
            arrays[i + 1] = next(file, &length);
            ((void **)((char *)&on + bytes))[i] = arrays[i + 1];
        }
        int32_t *start = next(file, &bytes);
        int64_t *asked = next(file, &asked_bytes);
        solve(&on, start, (int32_t)(bytes / (int64_t)sizeof *start), asked);
        for (size_t i = 0; i <= pointers; i++) {
            free(arrays[i]);
        }
        free(start);
        free(asked);
    }
    fclose(file);
    return 0;
}
