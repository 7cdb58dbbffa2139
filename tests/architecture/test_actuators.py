"""The guard is the only road to an actuator: who may make what reaches one.

`Cleared` is made by `edge.guard` only, and orders that move an autopilot's vehicle are made
where what is cleared is turned into them, or in the bridge. The import contract keeps the rooms
that plan from `Cleared`; here the makings themselves are looked for.
"""

import ast
from pathlib import Path

import pytest

from edge.messages.machines import actuators, orders

ROOT = Path(__file__).parents[2]
SHIPPED = ("edge", "firmware_bridge", "sim", "station")
CLEARED = "edge.messages.machines.cleared"
ORDERS = "edge.messages.machines.orders"
HARMLESS = {"CheckParameters", "CheckPlan", "Disarm"}
"""Orders that move nothing: they read, or stop motors on the ground."""
OF_WHAT_IS_CLEARED = {"edge/flight/asking.py", "edge/sidewalk/asking.py"}
"""They turn a `Cleared` into orders, and refuse to without one."""
BY_A_TECHNICIAN = {"sim/trial/probe.py": {"SetParameter"}}
"""Before a trial, with no daemon yet and the motors off: failsafes are switched on."""
MOVING = {
    name
    for name, kind in vars(orders).items()
    if isinstance(kind, type) and issubclass(kind, orders.Order) and name != "Order"
} - HARMLESS


def makings(source, module, names):
    """Return the lines of a source that make one of a module's structs, under any name."""
    tree = ast.parse(source)
    known, modules = set(), set()
    parent, _, last = module.rpartition(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if node.module == module and alias.name in names:
                    known.add(alias.asname or alias.name)
                if node.module == parent and alias.name == last:
                    modules.add(alias.asname or last)
        elif isinstance(node, ast.Import):
            modules |= {a.asname or a.name for a in node.names if a.name == module}

    def meant(part):
        if isinstance(part, ast.Subscript):
            return meant(part.value)
        if isinstance(part, ast.Name):
            return part.id in known
        return (
            isinstance(part, ast.Attribute)
            and part.attr in names
            and ast.unparse(part.value) in modules
        )

    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        decoded = [one.value for one in node.keywords if one.arg == "type"] + node.args
        converts = ast.unparse(node.func).rpartition(".")[2] in ("convert", "decode", "Decoder")
        if meant(node.func) or (converts and any(map(meant, decoded))):
            found.append(node.lineno)
    return found


def sources(*rooms):
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text()


def test_only_the_guard_clears_a_command():
    makers = {
        name for name, source in sources(*SHIPPED) if makings(source, CLEARED, {"Cleared"})
    }
    assert makers == {"edge/guard/guard.py"}


def test_an_order_that_moves_is_made_only_of_what_is_cleared():
    makers = {
        name
        for name, source in sources(*SHIPPED)
        if makings(source, ORDERS, MOVING - BY_A_TECHNICIAN.get(name, set()))
    }
    outside = {name for name in makers if not name.startswith("firmware_bridge/")}
    assert outside <= OF_WHAT_IS_CLEARED
    for name in outside:
        assert CLEARED in (ROOT / name).read_text()


def test_orders_that_move_are_known():
    assert {"Arm", "ChangeMode", "TakeOff", "GoTo", "LoadPlan", "StartMission"} <= MOVING
    assert issubclass(actuators.Move, actuators.ActuatorCommand)


@pytest.mark.parametrize(
    "source",
    [
        "from edge.messages.machines.cleared import Cleared\nx = Cleared(command=1)",
        "from edge.messages.machines.cleared import Cleared as Ok\nx = Ok(command=1)",
        "from edge.messages.machines.cleared import Cleared\nx = Cleared[int](command=1)",
        "from edge.messages.machines import cleared\nx = cleared.Cleared(command=1)",
        "import edge.messages.machines.cleared as c\nx = c.Cleared(command=1)",
        "import edge.messages.machines.cleared\nx = edge.messages.machines.cleared.Cleared()",
        "from edge.messages.machines.cleared import Cleared\nx = msgspec.convert({}, Cleared)",
        "from edge.messages.machines.cleared import Cleared\nx = convert({}, type=Cleared)",
    ],
)
def test_a_making_under_any_name_is_found(source):
    assert makings(source, CLEARED, {"Cleared"}) == [2]


@pytest.mark.parametrize(
    "source",
    [
        "from edge.messages.machines.cleared import Cleared\ndef send(x: Cleared): ...",
        "from elsewhere import Cleared\nx = Cleared(1)",
        "from edge.messages.machines.cleared import Refused\nx = Refused(number=1)",
    ],
)
def test_reading_what_is_cleared_is_no_making(source):
    assert makings(source, CLEARED, {"Cleared"}) == []
