"""Arguments in their order, as OSC sends them, and by their names, as HTTP does, mean the same; nonsense is a sentence."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from ama_analysis.errors import OptionError
from ama_bridge.arguments import address_at, answer_named, read_arguments, read_named
from ama_bridge.osc_packets import Message, encode, messages_of
from ama_bridge.osc_table import ADDRESSES, ANSWERS, DROPPED, PREFIX, Address, Parameter
from ama_bridge.wire import KINDS

ROUNDS = 30
NONSENSE: tuple[Any, ...] = (
    None,
    True,
    [],
    {},
    "x",
    "",
    3,
    -1,
    0.5,
    2**40,
    10**400,
    float("nan"),
    float("inf"),
    ["x"],
    [[1.0]],
)


def value(parameter: Parameter, rng: random.Random) -> str | int | float:
    if parameter.type == "s":
        return rng.choice(["", "a", "ü \U0001f3b8", "/x/y.wav@1:02-", "gain:kick"])
    if parameter.type == "i":
        return rng.randrange(-(2**31), 2**31)
    return rng.choice([0.0, -6.5, 48_000.0, 2.0**-20])


def given(address: Address, rng: random.Random) -> dict[str, Any]:
    """Return arguments that OSC can send: none after one that was left out."""
    found: dict[str, Any] = {}
    for parameter in address.parameters:
        if parameter.by_name or (parameter.optional and rng.random() < 0.3):
            break
        many = [value(parameter, rng) for _ in range(rng.randrange(1, 4))]
        found[parameter.name] = many if parameter.repeated else many[0]
    return found


@pytest.mark.parametrize("path", sorted(ADDRESSES))
def test_by_name_and_in_order_the_same_is_read(path: str) -> None:
    rng = random.Random(path)  # noqa: S311  # arguments of a test
    address = address_at(path)
    for _ in range(ROUNDS):
        named = given(address, rng)
        flat = [v for x in named.values() for v in (x if isinstance(x, list) else [x])]
        (message,) = messages_of(
            encode(
                path,
                flat,
            )
        )
        assert isinstance(message, Message)
        in_order = {name: v for name, v in read_arguments(address, message).items() if v != ()}
        by_name = read_named(address, {k: v for k, v in named.items() if k != "rid"})
        assert by_name == {k: v for k, v in in_order.items() if k != "rid"}


@pytest.mark.parametrize("path", sorted(ADDRESSES))
def test_nonsense_by_name_is_refused_in_one_sentence_or_read(path: str) -> None:
    rng = random.Random(path)  # noqa: S311  # arguments of a test
    address = address_at(path)
    names = [p.name for p in address.parameters if p.name != "rid"]
    for _ in range(20 * ROUNDS):
        some = rng.sample([*names, "rid", "x"], rng.randrange(len(names) + 3))
        try:
            read = read_named(address, {name: rng.choice(NONSENSE) for name in some})
        except OptionError as error:
            refused = (error.code, path in error.message)
        else:
            refused = ("AMA-501", set(read) <= set(names))
        assert refused == ("AMA-501", True)


@pytest.mark.parametrize("arguments", NONSENSE)
def test_what_is_no_object_is_refused(arguments: Any) -> None:
    if arguments == {}:
        assert read_named(address_at(f"{PREFIX}/ping"), arguments) == {}
        return
    with pytest.raises(OptionError, match="must be an object"):
        read_named(address_at(f"{PREFIX}/ping"), arguments)


def test_every_answer_in_the_table_is_one_that_amas_own_clients_understand() -> None:
    told = {}
    for address in ADDRESSES.values():
        for path, spec in re.findall(rf"({PREFIX}/[\w/]+)((?: [sif]:\w+)*)", address.answer):
            names = [word.partition(":")[2] for word in spec.split()]
            told[path] = [name for name in names if name not in {"rid", "what"}]
    names_of = {path: [p.name for p in ps if p.name != "rid"] for path, ps in ANSWERS.items()}
    del told[f"{PREFIX}/suggestion/KIND"], told[f"{PREFIX}/dropped/KIND"]
    assert set(names_of) - set(told) == {
        f"{PREFIX}/error",
        *(f"{PREFIX}/{family}/{kind}" for family in ("suggestion", "dropped") for kind in KINDS),
    }
    for path, names in told.items():
        if names:  # elsewhere it is named alone
            assert names == names_of[path], path


def test_an_answer_has_its_arguments_by_name() -> None:
    found = answer_named(f"{PREFIX}/applied", ("r", 3, 1, "/x/receipt.json"))
    assert found == {"applied": 3, "skipped": 1, "receipt_path": "/x/receipt.json"}


def test_an_address_that_is_asked_is_never_dropped() -> None:
    assert not DROPPED & set(ADDRESSES)
    assert f"{PREFIX}/error" in DROPPED
