"""Satellite receivers: NMEA 0183 on a serial line, or any receiver behind gpsd."""
