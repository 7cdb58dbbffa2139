"""What a new vehicle's files say."""

TABLE = """
[[vehicle]]
name = {name}
kind = {kind}
capacity_kg = {capacity_kg:g}
capacity_l = {capacity_l:g}
shift_start = {shift_start}
shift_end = {shift_end}
public_key = "{public_key}"
"""

VEHICLE = """\
# {name} of {station}. Copy this file and {key_file} to the vehicle, and check there:
#     doorstep-edge check {name}.toml

[vehicle]
name = {name_quoted}
org = {org}
kind = {kind}
capacity_kg = {capacity_kg:g}    # for orders that are offered on the way
capacity_l = {capacity_l:g}

[keys]
signing_key_file = "{key_file}"  # private: signs what this vehicle reports
station_keys = ["{station_key}"] # whose orders it obeys

[store]
folder = "data"

[broker]
host = {host}
port = {port}
protocol = {protocol}

[gnss]
{devices}
[driver_page]
host = "127.0.0.1"
port = 8080
"""

GPSD = """\
source = "gpsd"                  # or "nmea" with device and baud
"""
NMEA = """\
source = "nmea"
device = {device}
baud = {baud}
"""
AUTOPILOT = """\
source = "autopilot"

[autopilot]
link = {autopilot}  # ArduPilot or PX4; or tcp:, udp:, udpin:
"""
DRONE = """
[flight]                         # docs/vehicle/flight.md: heights of the ground, landing sites
"""
ROBOT = """
[mcu]
link = {mcu}

[lookout]
link = {lookout}

[sidewalk]                       # docs/vehicle/sidewalk.md: crossings, compartments, kerb map
jurisdiction = "walking_pace"
"""
