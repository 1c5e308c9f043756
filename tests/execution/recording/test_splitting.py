"""What moves all parameters is cut where a penalty moves only the weights."""

import pytest
from training_steps import NETWORKS, OPTIMIZERS, SETTINGS, prepare

from xpnet.backend import get
from xpnet.execution.fused.fusion import Fused, fuse
from xpnet.execution.recording.flat import FlatCall, flatten
from xpnet.execution.recording.recording import record_step
from xpnet.execution.recording.splitting import split

WEIGHTS, ALL = 9 * 5 + 5 * 4 + 4 * 3, 9 * 5 + 5 * 4 + 4 * 3 + 5 + 4 + 3


@pytest.mark.parametrize(("settings", "spans"), [("l2", {(0, WEIGHTS), (WEIGHTS, ALL)}), ("nothing", {(0, ALL)})])
def test_weights_with_a_penalty_are_moved_apart(settings, spans):
    step, carry, inputs = prepare(NETWORKS["plain"], OPTIMIZERS["adam"], get("numpy"), **SETTINGS[settings])
    recording = record_step(step, carry, inputs[0])
    whole = flatten(recording)
    cut = split(whole)
    assert {item.out.span for item in cut.items if isinstance(item, FlatCall)} == spans
    computed = [[id(value) for item in each.items for value in item.outs] for each in (whole, cut)]
    assert sorted(computed[0]) == sorted(computed[1])
    for item in cut.items:
        if isinstance(item, FlatCall):
            sizes = {part.span[1] - part.span[0] for part in (*item.args, item.out) if hasattr(part, "span")}
            assert sizes == {sum(value.layout.size for value in item.outs)}
    loops = [item for item in fuse(recording, cut) if isinstance(item, Fused) and item.shape[0] > ALL // 2]
    assert len(loops) == 1  # the penalty and Adam together
