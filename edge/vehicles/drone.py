"""The delivery drone: some 4 kg with four 15-inch rotors, a gripper and a winch."""

from edge.vehicles.kind import VehicleKind
from edge.vehicles.machine import (
    EnergyFigures,
    MachineFigures,
    MotionFigures,
    WeatherFigures,
)

DRONE = VehicleKind(
    name="drone",
    arrival_radius_m=4.0,
    arrival_dwell_s=3.0,
    arrival_max_speed_mps=0.5,
    departs_by_itself=True,
    reports_outside_work=True,
    drives_as=None,
    machine=MachineFigures(
        moves="air",
        motion=MotionFigures(
            speed_mps=15.0,
            climb_mps=3.0,
            descent_mps=2.0,
            highest_m=120.0,  # EU open category and most national rules
            braking_mps2=2.5,
            reaction_s=0.5,
            size_m=1.1,
            worst_accuracy_m=10.0,
            vertical_m=5.0,
        ),
        energy=EnergyFigures(
            mass_kg=3.8,
            most_payload_kg=2.0,
            level_w=600.0,  # momentum theory: 420 W at 3.8 kg, and a third for the rest
            airspeed_mps=12.0,
            climb_mps=2.5,
            descent_mps=1.5,
            landing_s=20.0,
            reserve_j=200_000.0,
            way_frac=1.0,
            feels_wind=True,
        ),
        weather=WeatherFigures(
            most_wind_mps=9.0,
            most_gust_mps=12.0,
            most_rain_mm_h=1.0,
            least_visibility_m=2000.0,
            least_temp_c=-5.0,
            most_temp_c=40.0,
            in_ice=False,
            in_darkness=True,
            unknown_holds=frozenset({"wind", "gust", "rain", "visibility", "temperature"}),
        ),
        parts=frozenset({"winch", "gripper"}),
        most_tilt_deg=60.0,
    ),
)
