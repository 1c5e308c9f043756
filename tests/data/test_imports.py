import subprocess
import sys

import xpnet.data


def test_all_names_are_there_once():
    assert len(set(xpnet.data.__all__)) == len(xpnet.data.__all__)
    assert all(hasattr(xpnet.data, name) for name in xpnet.data.__all__)


def test_importing_the_room_imports_nothing_heavy():
    code = "import sys, xpnet.data; print([m for m in ('pooch', 'requests', 'sklearn', 'polars') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
