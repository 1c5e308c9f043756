"""The parts of bench_tables.py: tables, methods, measures and the report; they are not run alone."""
