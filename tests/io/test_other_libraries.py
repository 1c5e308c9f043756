"""A file that was trained on other libraries' arrays opens where these libraries are not installed."""

import subprocess
import sys

import numpy as np
import pytest

from xpnet import Network, save, train, train_many
from xpnet.backend import available, to_numpy

OPEN = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "jax", "cupy", "array_api_strict"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import numpy as np
import xpnet
for path in sys.argv[1:]:
    model = xpnet.load(path)
    assert type(model.parameters[0].w) is np.ndarray
    print(model.predict_proba(np.load("x.npy")).tolist(), len(model.history), model.settings["backend"])
"""


@pytest.mark.parametrize("name", ["torch", "array_api_strict", "jax"])
def test_a_model_opens_where_its_library_is_missing(tmp_path, name):
    if available()[name]:
        pytest.skip(f"{name} is not installed")
    x, network = np.random.default_rng(0).standard_normal((6, 3)), Network([3, 4, 2])
    data = (x, np.arange(6) % 2)
    result = train(network, data, epochs=2, backend=name)
    save(tmp_path / "one", result)
    together = train_many(network, data, seeds=2, epochs=2, backend=name).ensemble()
    save(tmp_path / "many", together)
    np.save(tmp_path / "x.npy", x)
    done = subprocess.run(
        [sys.executable, "-c", OPEN, "one", "many"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    for line, model in zip(done.stdout.splitlines(), (result.model, together), strict=True):
        found, rest = line.rsplit("] ", 1)
        assert rest == f"2 {name} float32"
        np.testing.assert_allclose(np.asarray(eval(found + "]")), to_numpy(model.predict_proba(x)), rtol=1e-5)
