"""The stations of the office's tests."""

from tests.station.office.conftest import home, office, station

__all__ = ["home", "office", "station"]
