"""Great-circle distances between all pairs of points, where no road graph covers the way."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from edge.native.library import native_function

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of WGS 84 (IUGG); the same in greatcircle.c
MOST_POINTS = 20_000  # 1.6 GB of matrix; more is a mistake, not a route

FLOAT64_IN = np.ctypeslib.ndpointer(dtype=np.float64, ndim=1, flags="C_CONTIGUOUS")
INT32_OUT = np.ctypeslib.ndpointer(dtype=np.int32, ndim=2, flags=("C_CONTIGUOUS", "WRITEABLE"))


def great_circle_matrix_m(
    lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return the (n, n) distances in whole metres between points given as two (n,) arrays.

    Symmetric, zero on the diagonal; the longest way round half the earth fits 32 bits.
    Raises ValueError if a value is not finite, a latitude is out of range or the shapes differ.
    """
    lat_deg, lon_deg = checked_points(lat_deg, lon_deg)
    metres = np.empty((lat_deg.size, lat_deg.size), dtype=np.int32)
    matrix = native_function(
        "doorstep_great_circle_matrix",
        ctypes.c_int32,
        FLOAT64_IN,
        FLOAT64_IN,
        ctypes.c_int32,
        INT32_OUT,
    )
    if matrix(lat_deg, lon_deg, lat_deg.size, metres) != 0:
        raise MemoryError(f"no memory for {lat_deg.size} points")
    return metres


def great_circle_matrix_reference_m(
    lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
) -> NDArray[np.int32]:
    """Return the same matrix by the textbook haversine in numpy: slow, and the oracle."""
    lat_deg, lon_deg = checked_points(lat_deg, lon_deg)
    lat_rad, lon_rad = np.radians(lat_deg), np.radians(lon_deg)
    half_north_rad = (lat_rad[:, None] - lat_rad[None, :]) / 2
    half_east_rad = (lon_rad[:, None] - lon_rad[None, :]) / 2
    haversine = (
        np.sin(half_north_rad) ** 2
        + np.cos(lat_rad)[:, None] * np.cos(lat_rad)[None, :] * np.sin(half_east_rad) ** 2
    )
    metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
    rounded: NDArray[np.int32] = np.floor(metres + 0.5).astype(np.int32)
    return rounded


def checked_points(
    lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both arrays contiguous and of float64. Raises ValueError as named above."""
    lat_deg = np.ascontiguousarray(lat_deg, dtype=np.float64)
    lon_deg = np.ascontiguousarray(lon_deg, dtype=np.float64)
    if lat_deg.ndim != 1 or lat_deg.shape != lon_deg.shape:
        raise ValueError(
            f"latitudes {lat_deg.shape} and longitudes {lon_deg.shape} do not pair"
        )
    if lat_deg.size > MOST_POINTS:
        raise ValueError(f"{lat_deg.size} points are more than {MOST_POINTS}")
    if not (np.isfinite(lat_deg).all() and np.isfinite(lon_deg).all()):
        raise ValueError("a coordinate is not a finite number")
    if lat_deg.size and np.abs(lat_deg).max() > 90.0:
        raise ValueError(f"latitude {lat_deg[np.abs(lat_deg).argmax()]} lies outside [-90, 90]")
    return lat_deg, lon_deg
