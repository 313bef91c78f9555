"""The networks that tell roles: their weights, what they make of figures, and what is made of their answers."""

import numpy as np
import pytest

from ama_analysis.errors import WeightsError
from ama_analysis.models.role_classes import CLASS_OF, CLASSES, GENERAL
from ama_analysis.models.role_figures import FIGURES, PARTS, WINDOW_S, figures_of
from ama_analysis.models.role_net import RoleNet, net_to_bytes, role_net, softmax
from ama_analysis.models.role_sound import LEAST_SURE, NOTHING, role_of_chances
from ama_analysis.models.weights import shipped
from ama_analysis.roles import ROLES, spoken_role
from tests.models.role_stems import RATE_HZ, bass, kick

MOST_BYTES = 1_000_000
"""The weights are to stay small (issue 7)."""
SUM = 1e-9


def some_net(seed: int = 1) -> RoleNet:
    random = np.random.default_rng(seed)

    def layer(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        weights = random.normal(size=(rows, columns)).astype(np.float16).astype(np.float32)
        return weights, np.zeros(columns, np.float32)

    networks = [[layer(p.stop - p.start, 8), layer(8, len(ROLES))] for p in PARTS]
    ones = np.ones(FIGURES, np.float32)
    return RoleNet(mean=ones, spread=2.0 * ones, networks=networks, temperature=1.5)


def chances_of(**roles: float) -> tuple[float, ...]:
    given = {name.replace("_", " "): share for name, share in roles.items()}
    rest = (1.0 - sum(given.values())) / (len(ROLES) - len(given))
    return tuple(given.get(role, rest) for role in ROLES)


def test_every_role_has_a_class_and_every_class_a_role():
    assert set(CLASS_OF) == set(ROLES)
    assert set(CLASS_OF.values()) == set(CLASSES) == set(GENERAL)
    assert all(CLASS_OF[role] == name for name, role in GENERAL.items())


def test_networks_come_back_from_their_file(tmp_path):
    path = tmp_path / "n.safetensors"
    path.write_bytes(net_to_bytes(some_net(), {"seed": 1}))
    figures = np.random.default_rng(2).normal(size=(3, FIGURES)).astype(np.float32)
    np.testing.assert_array_equal(role_net(path).chances(figures), some_net().chances(figures))


def test_chances_sum_to_one_and_do_not_depend_on_the_order_of_windows():
    figures = np.random.default_rng(3).normal(size=(5, FIGURES)).astype(np.float32)
    chances = some_net().chances(figures)
    assert abs(chances.sum() - 1.0) < SUM
    np.testing.assert_allclose(some_net().chances(figures[::-1]), chances, rtol=1e-5)
    assert np.isfinite(softmax(np.array([1e4, -1e4]))).all()


def test_networks_of_another_shape_are_refused(tmp_path):
    net = some_net()
    few = RoleNet(mean=net.mean, spread=net.spread, networks=[net.networks[0][:1]])
    path = tmp_path / "few.safetensors"
    path.write_bytes(net_to_bytes(few, {}))
    with pytest.raises(WeightsError, match="does not fit"):
        role_net(path)


def test_networks_hear_their_own_kind_of_figures(tmp_path):
    net, figures = some_net(), np.zeros((1, FIGURES), np.float32)
    for mine, part in zip(net.networks, PARTS, strict=True):
        alone = RoleNet(mean=net.mean, spread=net.spread, networks=[mine])
        for moved in PARTS:
            other = figures.copy()
            other[:, moved] = 1.0
            same = np.array_equal(alone.logits(other), alone.logits(figures))
            assert same == (moved != part)
    odd = RoleNet(mean=net.mean, spread=net.spread, networks=[[net.networks[0][1]]])
    path = tmp_path / "odd.safetensors"
    path.write_bytes(net_to_bytes(odd, {}))
    with pytest.raises(WeightsError, match="does not fit"):
        role_net(path)


def test_a_damaged_file_is_refused_with_a_sentence(tmp_path):
    data = bytearray(shipped("roles").read_bytes())
    data[len(data) // 2] ^= 1
    path = tmp_path / "roles.safetensors"
    path.write_bytes(bytes(data))
    with pytest.raises(WeightsError, match="damaged") as raised:
        role_net(path)
    assert raised.value.sentence().endswith(".")


def test_the_shipped_weights_are_small_and_say_what_they_are():
    assert shipped("roles").stat().st_size < MOST_BYTES
    assert shipped("roles").with_suffix(".md").is_file()
    assert role_net().networks


@pytest.mark.parametrize(("make", "role"), [(kick, "kick"), (bass, "bass")])
def test_plain_sounds_are_told(make, role):
    sound = make()
    length = round(WINDOW_S * RATE_HZ)
    rows = [figures_of(sound.samples[:, at : at + length], RATE_HZ) for at in (0, length)]
    guess = role_of_chances(tuple(role_net().chances(np.stack(rows))))
    assert CLASS_OF[guess.role] == CLASS_OF[role]


@pytest.mark.parametrize(
    ("chances", "role", "confidence"),
    [
        (chances_of(kick=0.8), "kick", 0.8),
        (chances_of(lead_vocal=0.5, backing_vocal=0.4), "lead vocal", 0.9),
        (chances_of(backing_vocal=0.9), "lead vocal", 0.9),
        (chances_of(fx=0.9), "fx", 0.9),
    ],
)
def test_a_sure_answer_is_one(chances, role, confidence):
    guess = role_of_chances(chances)
    assert guess.role == role
    assert guess.confidence == pytest.approx(confidence, abs=0.02)


def test_a_class_answers_where_no_role_of_it_is_sure():
    guess = role_of_chances(chances_of(snare=0.4, percussion=0.35, overheads=0.2))
    assert guess.role == "drums"
    assert guess.confidence >= LEAST_SURE


@pytest.mark.parametrize(
    "chances",
    [(), chances_of(kick=0.3, synth=0.4), chances_of(other=0.9), chances_of(other=0.5, fx=0.4)],
)
def test_no_answer_is_none(chances):
    assert role_of_chances(chances) == NOTHING


def test_roles_are_spoken_with_their_article():
    assert [spoken_role(r) for r in ("bass", "acoustic guitar", "drums")] == [
        "a bass",
        "an acoustic guitar",
        "drums",
    ]
