/* Which straight lines keep their distance from every wall of every zone.
 *
 * A wall is a segment with the distance that is to be kept from it; a wall of no length with a
 * large one is a disc. So zones need neither be buffered nor merged, and may overlap, touch or
 * cross themselves: a line is clear if it is far enough from each wall by itself. */

#include <stdint.h>

typedef struct {
    double x, y;
} Point;

typedef struct {
    Point from, to;
    double clear;
} Wall;

typedef struct {
    double west, south, east, north;
} Box;

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

/* Twice the area of the triangle a, b, c; > 0 if c lies left of the line from a to b. */
static double turn(Point a, Point b, Point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static double squared(Point a, Point b)
{
    return (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
}

/* The squared distance of c from the segment a, b. */
static double squared_away(Point a, Point b, Point c)
{
    const double length = squared(a, b);
    const double along = (c.x - a.x) * (b.x - a.x) + (c.y - a.y) * (b.y - a.y);
    if (along <= 0.0)
        return squared(a, c);
    if (along >= length)
        return squared(b, c);
    const double across = turn(a, b, c);
    return across * across / length;
}

/* Whether both triangles lie on one side of a line of this squared length, and `clear` off. */
static int one_side(double first, double second, double squared_length, double clear)
{
    const double bound = clear * clear * squared_length;
    return ((first > 0.0) == (second > 0.0)) && first * first > bound && second * second > bound;
}

static int too_near(Point a, Point b, const Wall *wall)
{
    const Point c = wall->from, d = wall->to;
    const double clear = wall->clear;
    if (most(a.x, b.x) + clear < least(c.x, d.x) || least(a.x, b.x) - clear > most(c.x, d.x) ||
        most(a.y, b.y) + clear < least(c.y, d.y) || least(a.y, b.y) - clear > most(c.y, d.y))
        return 0;
    const double c_side = turn(a, b, c), d_side = turn(a, b, d);
    if (one_side(c_side, d_side, squared(a, b), clear))
        return 0;
    const double a_side = turn(c, d, a), b_side = turn(c, d, b);
    if (one_side(a_side, b_side, squared(c, d), clear))
        return 0;
    if ((c_side > 0.0) != (d_side > 0.0) && (a_side > 0.0) != (b_side > 0.0))
        return 1; /* they cross */
    const double away = least(least(squared_away(a, b, c), squared_away(a, b, d)),
                              least(squared_away(c, d, a), squared_away(c, d, b)));
    return away < clear * clear;
}

/* blocked_out[k] = the first zone whose walls the line between points pairs[2k] and pairs[2k+1]
 * comes too near to, or -1. Zone z has the walls first_wall[z] to first_wall[z + 1] - 1, five
 * doubles each (from, to, distance to keep), and the box boxes[4z] (west, south, east, north),
 * which already holds that distance. Every number is finite: the caller has checked. */
void doorstep_air_sight(const double *points, const int32_t *pairs, int32_t pair_count,
                        const double *walls, const int32_t *first_wall, const double *boxes,
                        int32_t zone_count, int32_t *blocked_out)
{
    const Point *point = (const Point *)points;
    const Wall *wall = (const Wall *)walls;
    const Box *box = (const Box *)boxes;
    for (int32_t k = 0; k < pair_count; k++) {
        const Point a = point[pairs[2 * k]], b = point[pairs[2 * k + 1]];
        const Box line = {least(a.x, b.x), least(a.y, b.y), most(a.x, b.x), most(a.y, b.y)};
        int32_t blocked = -1;
        for (int32_t z = 0; z < zone_count && blocked < 0; z++) {
            if (line.east < box[z].west || line.west > box[z].east ||
                line.north < box[z].south || line.south > box[z].north)
                continue;
            for (int32_t w = first_wall[z]; w < first_wall[z + 1]; w++)
                if (too_near(a, b, &wall[w])) {
                    blocked = z;
                    break;
                }
        }
        blocked_out[k] = blocked;
    }
}
