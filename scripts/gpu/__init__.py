"""What gpu_evidence.py and bench_gpu.py are made of: parts, each a list of items; never run alone."""
