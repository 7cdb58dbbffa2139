"""The sidewalk robot: six small wheels, 35 kg, one lid over locked compartments."""

from edge.vehicles.kind import VehicleKind
from edge.vehicles.machine import (
    EnergyFigures,
    MachineFigures,
    MotionFigures,
    WeatherFigures,
)

ROBOT = VehicleKind(
    name="robot",
    arrival_radius_m=10.0,
    arrival_dwell_s=5.0,
    arrival_max_speed_mps=0.1,
    departs_by_itself=True,
    reports_outside_work=True,
    drives_as="foot",
    machine=MachineFigures(
        moves="ground",
        motion=MotionFigures(
            speed_mps=5.4,  # built for the fastest of the jurisdictions, 12 mph
            climb_mps=0.0,
            descent_mps=0.0,
            highest_m=0.0,
            braking_mps2=1.5,
            reaction_s=0.2,
            size_m=0.7,
            worst_accuracy_m=5.0,
        ),
        energy=EnergyFigures(
            mass_kg=35.0,
            most_payload_kg=20.0,
            level_w=220.0,  # rolling on bad paving, computer and lights
            airspeed_mps=1.0,
            climb_mps=1.0,
            descent_mps=1.0,
            landing_s=60.0,
            reserve_j=200_000.0,
            way_frac=1.5,  # streets against the straight line
            feels_wind=False,
        ),
        weather=WeatherFigures(
            most_wind_mps=17.0,
            most_gust_mps=22.0,
            most_rain_mm_h=10.0,
            least_visibility_m=100.0,
            least_temp_c=-15.0,
            most_temp_c=45.0,
            in_ice=False,
            in_darkness=True,
            unknown_holds=frozenset({"ice"}),
        ),
        parts=frozenset({"lid", "locks"}),
        most_tilt_deg=30.0,
    ),
)
