"""Labelled drives, watched: what a watch found against what really happened."""

import csv
import gzip
from random import Random

import numpy as np

from edge.behaviour.limits import LIMITS
from edge.behaviour.mounting import Mounting
from edge.behaviour.watch import DriverWatch
from edge.messages.driving.signals import Acceleration
from sim.driving.labels import Label, compare, labels
from sim.driving.sensors import readings
from sim.driving.truth import drive

KINDS = ("braking", "acceleration", "cornering")
BEGINS_S = 5.0
ENDS_S = 8.0
IN_HAND_S = 1.5


def watched(seed, sensors, lasts_s, least_s, *, from_s=BEGINS_S):
    """Drive, watch, and compare from an instant on; also the events and what was refuted."""
    rng = Random(seed)
    truth = drive(rng, lasts_s, tuple(LIMITS[kind] for kind in KINDS), least_s=least_s)
    watch = DriverWatch(latency_s=sensors.latency_s)
    seen = []
    for reading in readings(truth, sensors, rng):
        seen += watch.take(reading)
    until_s = float(truth.at_s[-1]) - ENDS_S
    signals = {
        "braking": -truth.forward_mps2,
        "acceleration": truth.forward_mps2,
        "cornering": np.abs(truth.right_mps2),
    }
    known = [
        label if not sensors.accelerometer else _unless_in_hand(label, truth)
        for label in labels(truth.at_s, signals, LIMITS, least_s)
        if from_s < label.from_s < until_s
    ]
    found = [
        (event.kind, event.began_s, event.began_s + event.lasts_s)
        for event in seen
        if from_s < event.began_s < until_s
    ]
    return compare(found, known), seen, watch


def _unless_in_hand(label, truth):
    """While somebody holds the box, nobody can tell: found or not, it does not count."""
    held = any(
        from_s - IN_HAND_S < label.until_s and label.from_s < until_s + IN_HAND_S
        for from_s, until_s in truth.handled_s
    )
    return Label(label.kind, label.from_s, label.until_s, label.sure and not held)


def balzer_samples(path):
    """The recorded accelerometer (its signs turned to specific force) and its mounting."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        rows = list(csv.DictReader(lines))
    began_s = float(rows[0]["millis"]) / 1000
    force = -np.array([[float(row[axis]) for axis in ("ax", "ay", "az")] for row in rows])
    samples = [
        Acceleration(
            received_s=float(row["millis"]) / 1000 - began_s,
            x_mps2=float(x),
            y_mps2=float(y),
            z_mps2=float(z),
        )
        for row, (x, y, z) in zip(rows, force, strict=True)
    ]
    up = force.mean(axis=0) / np.linalg.norm(force.mean(axis=0))
    forward = np.array([1.0, 0.0, 0.0]) - up[0] * up
    forward /= np.linalg.norm(forward)
    axes = (forward, np.cross(forward, up), up)
    return samples, Mounting(*(tuple(axis.tolist()) for axis in axes))


def balzer_labels(path, limits):
    """Labels from a smooth derivative of speed, and speed times yaw rate, over one second."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        rows = list(csv.DictReader(lines))
    at_s = np.array([float(row["millis"]) / 1000 for row in rows])
    at_s -= at_s[0]
    speed = np.array([float(row["speed"]) / 3.6 for row in rows])
    turn = np.radians([float(row["yawrate"]) for row in rows])
    new = np.concatenate([[True], np.diff(speed) != 0])
    even_s = np.arange(0, at_s[-1], 0.02)
    speed, turn = np.interp(even_s, at_s[new], speed[new]), np.interp(even_s, at_s, turn)
    weights = np.linalg.pinv(np.vander(np.arange(-25, 26) * 0.02, 3, increasing=True))
    smooth = [
        np.convolve(np.pad(values, 25, "edge"), row[::-1], "valid")
        for values, row in ((speed, weights[1]), (speed, weights[0]), (turn, weights[0]))
    ]
    signals = {
        "braking": -smooth[0],
        "acceleration": smooth[0],
        "cornering": np.abs(smooth[1] * smooth[2]),
    }
    return labels(even_s, signals, limits, 0.3)
