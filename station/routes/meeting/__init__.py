"""Vans that bring parcels to machines which stand elsewhere than at the station."""
