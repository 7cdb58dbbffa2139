from edge.health.aboard import AboardWatch
from edge.messages import signals
from edge.messages.machines.controller import (
    CompartmentEvent,
    ControllerPresence,
    ControllerStatus,
)
from edge.messages.machines.orders import OrderAnswer
from edge.messages.readings import DeviceBack, DeviceSilent, GnssFix, WheelSpeed
from edge.messages.signals import DeviceAsleep, VehicleSignal

PRESENCE = ControllerPresence(
    received_s=1.0,
    protocol=1,
    boot_id=77,
    firmware="0102030405060708",
    reset_cause="power",
    parts=("wheels", "lid"),
    compartments=2,
)
STATUS = ControllerStatus(
    received_s=1.0,
    takes_orders=True,
    stop_pressed=False,
    speed_mps=0.0,
    turn_dps=0.0,
    doors_open=(False, None),
    bolts_locked=(True, False),
)


def silent(device):
    return DeviceSilent(received_s=1.0, device=device, silent_s=3.0, why="unplugged")


def test_nothing_is_known_before_it_is_heard():
    watch = AboardWatch()
    assert watch.car() == {"state": "not heard yet"}
    assert watch.controller() == {"state": "not heard yet"}
    assert watch.warnings == ()


def test_the_car_is_shown_by_name_and_unit():
    watch = AboardWatch()
    watch.hear(WheelSpeed(received_s=1.0, speed_mps=10.0))
    watch.hear(VehicleSignal(received_s=1.0, name=signals.VIN, value="WDB9066331S123456"))
    watch.hear(VehicleSignal(received_s=1.0, name=signals.TROUBLE, value=("P0143",)))
    assert watch.car() == {
        "state": "read",
        "Vehicle.Speed [m/s]": 10.0,
        signals.VIN: "WDB9066331S123456",
        signals.TROUBLE: ["P0143"],
    }
    watch.hear(DeviceAsleep(received_s=2.0, device="obd", why="battery at 12.4 V"))
    assert watch.car()["state"] == "asleep: battery at 12.4 V"
    watch.hear(silent("obd"))
    assert watch.car() == {"state": "silent: unplugged"}
    watch.hear(DeviceBack(received_s=3.0, device="obd"))
    assert signals.VIN in watch.car()


def test_the_controller_is_shown_and_what_is_unknown_is_unknown():
    watch = AboardWatch()
    watch.hear(PRESENCE)
    watch.hear(STATUS)
    event = CompartmentEvent(
        received_s=2.0, at_s=1.9, boot_id=77, event_id=1, what="forced", compartment=1
    )
    watch.hear(event)
    told = watch.controller()
    assert told["doors"] == ["closed", "unknown"]
    assert told["bolts"] == ["locked", "drawn"]
    assert told["lid"] == "unknown"
    assert told["temperature_c"] is None
    assert told["events"] == ["compartment 1 forced"]


def test_only_the_last_events_are_kept():
    watch = AboardWatch()
    watch.hear(PRESENCE)
    for number in range(20):
        watch.hear(
            CompartmentEvent(
                received_s=2.0,
                at_s=1.9,
                boot_id=77,
                event_id=number,
                what="closed",
                compartment=number % 8,
            )
        )
    assert len(watch.controller()["events"]) == 8


def test_people_are_warned_of_a_controller_that_cannot_be_used():
    watch = AboardWatch()
    watch.hear(silent("mcu"))
    assert watch.warnings == ("The controller of lid and locks is silent: unplugged.",)
    watch.hear(DeviceBack(received_s=3.0, device="mcu"))
    assert watch.warnings == ()


def test_what_concerns_others_is_left_to_them():
    watch = AboardWatch()
    fix = GnssFix(received_s=1.0, lat_deg=1.0, lon_deg=2.0)
    answer = OrderAnswer(received_s=1.0, order_id="o", result="done")
    assert not watch.hear(WheelSpeed(received_s=1.0, speed_mps=1.0))
    assert not watch.hear(fix)
    assert not watch.hear(answer)
    assert not watch.hear(silent("gnss"))
    assert watch.hear(silent("obd"))
    assert watch.hear(STATUS)
