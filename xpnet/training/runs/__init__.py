"""Many runs: networks that train side by side, and tests of ranges."""
