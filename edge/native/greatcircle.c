/* Great-circle distances between all pairs of points, where no road graph covers the way.
 *
 * A point becomes a unit vector once; a pair then costs one square root and one arcsine, and
 * half the squared chord is the haversine, so short distances keep their precision. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define EARTH_RADIUS_M 6371008.8 /* mean radius R1 of WGS 84 (IUGG) */
#define RAD_PER_DEG 0.017453292519943295

/* metres_out[i * n + j] = distance from point i to point j in whole metres, rounded to nearest.
 * The latitudes lie in [-90, 90] and every value is finite: the caller has checked.
 * Returns 0, or -1 when there is no memory. */
int32_t doorstep_great_circle_matrix(const double *lat_deg, const double *lon_deg, int32_t n,
                                     int32_t *metres_out)
{
    const size_t count = n > 0 ? (size_t)n : 0;
    if (count == 0)
        return 0;
    double *unit = malloc(count * 3 * sizeof *unit);
    if (unit == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const double lat_rad = lat_deg[i] * RAD_PER_DEG;
        const double lon_rad = lon_deg[i] * RAD_PER_DEG;
        unit[3 * i] = cos(lat_rad) * cos(lon_rad);
        unit[3 * i + 1] = cos(lat_rad) * sin(lon_rad);
        unit[3 * i + 2] = sin(lat_rad);
    }
    for (size_t i = 0; i < count; i++) {
        metres_out[i * count + i] = 0;
        for (size_t j = 0; j < i; j++) {
            const double dx = unit[3 * i] - unit[3 * j];
            const double dy = unit[3 * i + 1] - unit[3 * j + 1];
            const double dz = unit[3 * i + 2] - unit[3 * j + 2];
            const double half_chord = 0.5 * sqrt(dx * dx + dy * dy + dz * dz);
            const double metres =
                2.0 * EARTH_RADIUS_M * asin(half_chord < 1.0 ? half_chord : 1.0);
            const int32_t rounded = (int32_t)(metres + 0.5);
            metres_out[i * count + j] = rounded;
            metres_out[j * count + i] = rounded;
        }
    }
    free(unit);
    return 0;
}
