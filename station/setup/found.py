"""Make a station: its commented station.toml, its key, its database's folder."""

from pathlib import Path

from edge.errors import ConfigError
from station.config import StationConfig, load_config
from station.keys import load_keys, make_key_file

CONFIG_FILE = "station.toml"
KEY_FILE = "station.key"

TEMPLATE = """\
# A station of doorstep. Check a change with `doorstep-station keys`: it reads the whole file
# and names every fault at once. File names are relative to this file.

[station]
name = {name}
org = {org}                     # first part of every topic, fleet/v1/<org>/<vehicle>/…
timezone = {timezone}           # of windows and shifts
lat_deg = {lat_deg}             # where vehicles load and come back to
lon_deg = {lon_deg}
data_folder = "data"            # station.db, the console's token; back this up
signing_key_file = "{key_file}" # signs routes and orders; private, back this up too

[broker]
host = "127.0.0.1"              # where vehicles reach the same broker, `enroll` can say
port = 1883
protocol = "5"                  # or "3.1.1"
# username = "station"
# password_file = "broker.password"
# ca_file = "ca.pem"            # turns TLS on
# certificate_file = "station.pem"
# key_file = "station-tls.key"

[console]
host = "127.0.0.1"              # the pages know no passwords: leave it on this machine
port = 8090

[travel]
speed_mps = 8.0                 # what assignment assumes between stops
detour = 1.35                   # road distance over distance as the crow flies

# [roads]
# file = "city.roads"           # times on real roads instead; `roads import` makes it

# [[break]]                     # of each driver but contractors; or name `vehicles`
# after = "11:00"               # not sooner; "+2:00" would be so long after the shift began
# before = "13:30"              # it is to have begun by then
# minutes = 30

# One table for each vehicle; `doorstep-station enroll NAME` adds it with a new key.
"""


def found_station(
    folder: Path, *, name: str, org: str, timezone: str, lat_deg: float, lon_deg: float
) -> StationConfig:
    """Write a new station's files; returns what was written, read again.

    Raises ConfigError if there is a station in the folder, or a value makes no sense.
    """
    path = folder / CONFIG_FILE
    if path.exists():
        raise ConfigError(f"{path} is there already: edit it, or name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.format(
        name=quoted(name),
        org=quoted(org),
        timezone=quoted(timezone),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        key_file=KEY_FILE,
    )
    path.write_text(text, encoding="utf-8")
    try:
        config = load_config(path)
    except ConfigError:
        path.unlink()
        raise
    if not (folder / KEY_FILE).exists():
        make_key_file(folder / KEY_FILE)
    load_keys(config)
    config.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return config


def quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\\x7f' else char for char in text
    )
    return f'"{escaped}"'
