"""Every recorded drive below a folder, all as readings on one clock and the truth beside."""

import numpy as np

from tests.replay.odometry import Journey, balzer_journey, comma_journey, is_balzer, is_comma
from tests.replay.recordings import DAY_S, driven

TRUTH_MARK = "SPAN"
TRUTH_ORDER = (".csv.gz", ".gga.gz", ".nmea.gz")


def journeys(folder):
    """Find the drives below a folder: NMEA beside a SPAN's truth, comma2k19, balzer82."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".nmea.gz") and TRUTH_MARK not in path.name:
            truths = [
                truth
                for ending in TRUTH_ORDER
                for truth in sorted(path.parent.glob(f"*{TRUTH_MARK}*{ending}"))
            ]
            if truths:
                found.append(_nmea_journey(path, truths[0]))
        elif path.is_file() and is_comma(path):
            found.append(comma_journey(path))
        elif path.is_file() and is_balzer(path):
            found.append(balzer_journey(path))
    return found


def _nmea_journey(path, truth_path):
    drive = driven(path, truth_path)
    first = drive.fixes[0]
    began_s = first.received_s - first.utc.timestamp() % DAY_S
    truth = drive.truth + np.array([began_s, 0.0, 0.0])
    return Journey(_name(path), tuple(drive.fixes), truth)


def _name(path):
    return path.name.split(".nmea")[0].replace("_chipset", "")
