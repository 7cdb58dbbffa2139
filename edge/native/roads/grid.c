/* A grid over the segments of all roads: for each cell those whose box touches it. */

#include <stdint.h>

struct shapes {
    int32_t count, points;
    const int32_t *point; /* count: the points of all shapes, one behind the other */
    const int32_t *lat_e7, *lon_e7;
};

struct grid {
    int32_t south_e7, west_e7, cell_lat_e7, cell_lon_e7, rows, columns;
};

struct box {
    int32_t bottom, top, left, right;
};

static int32_t cell_of(int32_t value_e7, int32_t from_e7, int32_t cell_e7, int32_t cells)
{
    const int64_t cell = ((int64_t)value_e7 - from_e7) / cell_e7;
    return cell < 0 ? 0 : cell >= cells ? cells - 1 : (int32_t)cell;
}

/* Return 0 if the segment does not lie within the shapes. */
static int box_of(const struct shapes *shapes, const struct grid *grid, int32_t segment,
                  struct box *box)
{
    if (segment < 0 || segment >= shapes->count - 1)
        return 0;
    const int32_t a = shapes->point[segment], b = shapes->point[segment + 1];
    if (a < 0 || a >= shapes->points || b < 0 || b >= shapes->points)
        return 0;
    const int32_t rows[2] = {
        cell_of(shapes->lat_e7[a], grid->south_e7, grid->cell_lat_e7, grid->rows),
        cell_of(shapes->lat_e7[b], grid->south_e7, grid->cell_lat_e7, grid->rows)};
    const int32_t columns[2] = {
        cell_of(shapes->lon_e7[a], grid->west_e7, grid->cell_lon_e7, grid->columns),
        cell_of(shapes->lon_e7[b], grid->west_e7, grid->cell_lon_e7, grid->columns)};
    *box = (struct box){rows[0] < rows[1] ? rows[0] : rows[1],
                        rows[0] < rows[1] ? rows[1] : rows[0],
                        columns[0] < columns[1] ? columns[0] : columns[1],
                        columns[0] < columns[1] ? columns[1] : columns[0]};
    return 1;
}

/* first_out (rows * columns + 1) = where each cell's segments begin, if found_out is filled;
 * found_out may be NULL: then they are only counted, up to `most`.
 * Returns how many there are in all cells, more than `most` for too many, or -1: a segment lies
 * nowhere, or the grid has no cells. */
int32_t doorstep_roads_grid(int32_t count, const int32_t *segments, int32_t shape_count,
                            const int32_t *shape_point, int32_t points, const int32_t *lat_e7,
                            const int32_t *lon_e7, const int32_t *grid_fields, int32_t most,
                            int32_t *first_out, int32_t *found_out)
{
    const struct shapes shapes = {shape_count, points, shape_point, lat_e7, lon_e7};
    const struct grid grid = {grid_fields[0], grid_fields[1], grid_fields[2],
                              grid_fields[3], grid_fields[4], grid_fields[5]};
    if (grid.cell_lat_e7 < 1 || grid.cell_lon_e7 < 1 || grid.rows < 1 || grid.columns < 1 ||
        (int64_t)grid.rows * grid.columns >= INT32_MAX || most < 0 || most >= INT32_MAX)
        return -1;
    const int32_t cells = grid.rows * grid.columns;
    int64_t total = 0;
    for (int32_t i = 0; i <= cells; i++)
        first_out[i] = 0;
    for (int32_t i = 0; i < count; i++) {
        struct box box;
        if (!box_of(&shapes, &grid, segments[i], &box))
            return -1;
        total += (int64_t)(box.top - box.bottom + 1) * (box.right - box.left + 1);
        if (total > most)
            return most + 1;
        for (int32_t row = box.bottom; row <= box.top; row++)
            for (int32_t column = box.left; column <= box.right; column++)
                first_out[row * grid.columns + column + 1]++;
    }
    for (int32_t i = 0; i < cells; i++)
        first_out[i + 1] += first_out[i];
    if (found_out == 0)
        return (int32_t)total;
    for (int32_t i = count - 1; i >= 0; i--) { /* from behind: each cell fills backwards */
        struct box box;
        if (!box_of(&shapes, &grid, segments[i], &box))
            return -1;
        for (int32_t row = box.bottom; row <= box.top; row++)
            for (int32_t column = box.left; column <= box.right; column++)
                found_out[--first_out[row * grid.columns + column + 1]] = segments[i];
    }
    for (int32_t i = 0; i < cells; i++) /* first_out[i + 1] has gone back to where i begins */
        first_out[i] = first_out[i + 1];
    first_out[cells] = (int32_t)total;
    return (int32_t)total;
}
