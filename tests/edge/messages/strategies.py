"""Messages by chance: values for any type that crosses a wire, bounds and all."""

import math
import re
from datetime import UTC, datetime

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

OLDEST, NEWEST = datetime(1990, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001


def values_of(kind):
    """Return a strategy for the values of a type, as the decoder would accept them."""
    return values(inspect.type_info(kind))


def values(info):
    match info:
        case inspect.Metadata():
            return values(info.type)
        case inspect.IntType():
            return st.integers(*whole_bounds(info))
        case inspect.FloatType():
            return floats(info)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.StrType():
            return texts(info)
        case inspect.BytesType():
            return st.binary(max_size=40)
        case inspect.DateTimeType():
            return st.datetimes(OLDEST, NEWEST, timezones=st.just(UTC))
        case inspect.EnumType():
            return st.sampled_from(list(info.cls))
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.UnionType():
            return st.one_of(*(values(part) for part in info.types))
        case inspect.VarTupleType():
            least, most = info.min_length or 0, info.max_length or 4
            return st.lists(values(info.item_type), min_size=least, max_size=min(most, 4)).map(
                tuple
            )
        case inspect.TupleType():
            return st.tuples(*(values(part) for part in info.item_types))
        case inspect.DictType():
            return st.dictionaries(values(info.key_type), values(info.value_type), max_size=3)
        case inspect.StructType():
            return st.builds(
                info.cls,
                **{
                    field.name: st.deferred(lambda f=field: values(f.type))
                    for field in info.fields
                },
            )
    raise NotImplementedError(f"no values for {info}")


def whole_bounds(info):
    least = -(2**53) if info.ge is None else info.ge
    most = 2**53 if info.le is None else info.le
    return least, most


def floats(info):
    least = info.ge if info.ge is not None else info.gt
    return st.floats(
        min_value=least,
        max_value=info.le,
        exclude_min=info.gt is not None,
        allow_nan=False,
        allow_infinity=False,
    )


def texts(info):
    if info.pattern is not None:
        return st.from_regex(re.compile(info.pattern.rstrip("$") + r"\Z", re.ASCII))
    most = 12 if info.max_length is None else min(info.max_length, 12)
    return st.text(min_size=info.min_length or 0, max_size=most)


def structs_in(*kinds):
    """Return every message that occurs in these types, each once."""
    found = {}
    waiting = [inspect.type_info(kind) for kind in kinds]
    while waiting:
        info = waiting.pop()
        match info:
            case inspect.StructType() if info.cls not in found:
                found[info.cls] = info
                waiting += [field.type for field in info.fields]
            case inspect.Metadata():
                waiting.append(info.type)
            case inspect.UnionType():
                waiting += info.types
            case inspect.VarTupleType():
                waiting.append(info.item_type)
            case inspect.TupleType():
                waiting += info.item_types
            case inspect.DictType():
                waiting += [info.key_type, info.value_type]
    return sorted(found.values(), key=lambda info: info.cls.__name__)


def beyond_bounds(info):
    """Return what a field of this type must refuse, just outside its bounds, or nothing."""
    match info:
        case inspect.Metadata():
            return beyond_bounds(info.type)
        case inspect.UnionType():
            parts = [part for part in info.types if not isinstance(part, inspect.NoneType)]
            return beyond_bounds(parts[0]) if len(parts) == 1 else []
        case inspect.IntType():
            low = [] if info.ge is None else [info.ge - 1]
            return low + ([] if info.le is None else [info.le + 1])
        case inspect.FloatType():
            low = [] if info.ge is None else [math.nextafter(info.ge, -math.inf)]
            low += [] if info.gt is None else [info.gt]
            return low + ([] if info.le is None else [math.nextafter(info.le, math.inf)])
        case inspect.StrType():
            short = [] if not info.min_length else ["x" * (info.min_length - 1)]
            long = [] if info.max_length is None else ["x" * (info.max_length + 1)]
            return short + long + ([] if info.pattern is None else ["?"])
        case inspect.DateTimeType():
            return ["2026-11-03T08:00:00", "2026-11-03", "soon"]
        case inspect.EnumType() | inspect.LiteralType():
            return ["NO_SUCH_WORD"]
        case inspect.VarTupleType():
            return [] if not info.min_length else [[]]
    return []


def plain(message):
    """Return a message as dictionaries and lists, as JSON would hold it."""
    return msgspec.json.decode(msgspec.json.encode(message))
