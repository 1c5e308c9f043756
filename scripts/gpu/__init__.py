"""The parts of gpu_evidence.py and bench_gpu.py, each a list of items; they are not run alone."""
