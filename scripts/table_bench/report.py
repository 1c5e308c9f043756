"""The report as Markdown, from results alone.  Needs only NumPy.

A row is a mapping with `method`, `table`, `seed` and measures, as bench_tables.py keeps it.
"""

from collections import defaultdict
from statistics import fmean

from table_bench.measures import ranks
from table_bench.titles import TITLES, UNSEEN

MAIN = ("r2", "auc", "accuracy")  # the first one that a table has; the higher the better
SECOND = ("rmse", "logloss")  # the lower the better
WORDS = {"r2": "R2", "auc": "AUC", "accuracy": "accuracy", "rmse": "RMSE", "logloss": "log loss"}


def report(rows):
    """Return all of the report: complete methods in ranks, and the others beside them where they were measured."""
    rows = ordered(rows)
    whole = complete(rows)
    parts = [head(rows)]
    if whole:
        full = [row for row in rows if row["method"] in whole]
        parts += [mean_ranks(full), probabilities(full), values(full, MAIN), values(full, SECOND)]
    alike = defaultdict(list)  # methods that were measured in the same places share a table
    for method in methods_of(rows):
        if method not in whole:
            alike[frozenset(places(rows, method))].append(method)
    parts += [beside(rows, methods) for methods in alike.values()]
    return "\n\n".join(parts)


def ordered(rows):
    """Return the rows in the order in which methods are shown."""
    return sorted(rows, key=lambda row: list(TITLES).index(row["method"]))


def methods_of(rows):
    """Return the methods of rows, each once."""
    return list(dict.fromkeys(row["method"] for row in rows))


def tables_of(rows):
    """Return the tables of rows, each once, those last that nothing was chosen on."""
    names = dict.fromkeys(row["table"] for row in rows)
    return sorted(names, key=lambda name: (name in UNSEEN, name))


def places(rows, method=None):
    """Return the tables and splits that were measured, by anyone or by one method."""
    return {(row["table"], row["seed"]) for row in rows if method in (None, row["method"])}


def complete(rows):
    """Return the methods that were measured wherever any was."""
    return [method for method in methods_of(rows) if places(rows, method) == places(rows)]


def means(rows, measure):
    """Return the mean over splits of a measure, for each table and method that has it."""
    found = defaultdict(list)
    for row in rows:
        if measure in row:
            found[row["table"], row["method"]].append(row[measure])
    return {key: fmean(each) for key, each in found.items()}


def measure_of(rows, table, among):
    """Return the first of some measures that a table has."""
    one = next(row for row in rows if row["table"] == table)
    return next(measure for measure in among if measure in one)


def mean_rank(rows, tables, among):
    """Return the mean rank of each method over tables, 1 the best; those that are equal share a rank."""
    methods, sign = methods_of(rows), -1.0 if among is MAIN else 1.0
    each = []
    for table in tables:
        mean = means(rows, measure_of(rows, table, among))
        each.append(ranks([sign * mean[table, method] for method in methods]))
    return [fmean(column) for column in zip(*each, strict=True)]


# ---- Markdown --------------------------------------------------------------------------------------------------------


def table_text(head, body):
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def titled(methods):
    """Return the titles of methods."""
    return [TITLES[method] for method in methods]


def marked(texts, numbers, best):
    """Return texts, the best one in bold."""
    return [f"**{text}**" if number == best(numbers) else text for text, number in zip(texts, numbers, strict=True)]


def seeds_text(rows):
    """Return the splits of rows in words."""
    seeds = sorted({row["seed"] for row in rows})
    unbroken = len(seeds) > 2 and seeds == list(range(seeds[0], seeds[-1] + 1))
    listed = f"{seeds[0]} to {seeds[-1]}" if unbroken else ", ".join(map(str, seeds))
    return f"split{'s' if len(seeds) > 1 else ''} {listed}"


def head(rows):
    """Return what was measured, with what and on what."""
    libraries = sorted({row["library"] for row in rows})
    processors = sorted({row["processor"] for row in rows})
    sizes = {row["table"]: (row["rows"], row["columns"]) for row in rows}
    listed = ", ".join(f"{name} ({sizes[name][0]:,} rows, {sizes[name][1]} columns)" for name in tables_of(rows))
    return (
        f"{seeds_text(rows).capitalize()} (a fifth of the rows is the test part), one thread, everybody's defaults; "
        f"{', '.join(libraries)}; processor {', '.join(processors)}.\n\nTables: {listed}."
    )


def groups(tables):
    """Return lists of tables with the words for them: all of them and, if these are only some, the unseen ones."""
    unseen = [name for name in tables if name in UNSEEN]
    some = [(unseen, f"unseen: {counted(unseen)}")] if 0 < len(unseen) < len(tables) else []
    return [(tables, counted(tables)), *some]


def counted(tables):
    """Return how many tables there are in words."""
    return f"{len(tables)} table{'s' if len(tables) > 1 else ''}"


def mean_ranks(rows):
    """Return the table of mean ranks and processor seconds."""
    methods, tables = methods_of(rows), tables_of(rows)
    body = []
    for among, words in ((MAIN, "R2, AUC or accuracy"), (SECOND, "RMSE or log loss")):
        for some, where in groups(tables):
            found = mean_rank(rows, some, among)
            body.append([f"{words}, {where}", *marked([f"{rank:.1f}" for rank in found], found, min)])
    body.append(["processor seconds, all tables once", *seconds_once(rows, methods)])
    return table_text([f"mean rank of {len(methods)} by", *titled(methods)], body)


def seconds_once(rows, methods):
    """Return the processor seconds of each method for every table once."""
    seconds = means(rows, "cpu")
    return [f"{sum(seconds[table, method] for table in tables_of(rows)):.1f}" for method in methods]


def probabilities(rows):
    """Return means over the tables of classes of what the probabilities are worth."""
    methods, rows = methods_of(rows), [row for row in rows if "logloss" in row]
    tables = tables_of(rows)
    if not tables:
        return "No table of classes."
    body = []
    for measure, words in (("logloss", "log loss"), ("brier", "Brier score"), ("ece", "calibration error")):
        mean = means(rows, measure)
        found = [fmean(mean[table, method] for table in tables) for method in methods]
        body.append([words, *marked([f"{x:.4f}" for x in found], found, min)])
    return table_text([f"mean over {counted(tables)} of classes", *titled(methods)], body)


def values(rows, among):
    """Return the mean of each table's measure, for each method."""
    methods, best = methods_of(rows), max if among is MAIN else min
    body = []
    for table in tables_of(rows):
        measure = measure_of(rows, table, among)
        mean = means(rows, measure)
        found = [mean[table, method] for method in methods]
        name = f"{table}{' (unseen)' if table in UNSEEN else ''}, {WORDS[measure]}"
        body.append([name, *marked([f"{x:.4g}" if measure == "rmse" else f"{x:.4f}" for x in found], found, best)])
    return table_text(["mean over splits", *titled(methods)], body)


def beside(rows, methods):
    """Return methods that were measured in the same few places, beside all that were measured in each of them."""
    mine = places(rows, methods[0])
    others = [other for other in methods_of(rows) if places(rows, other) >= mine]
    here = [row for row in rows if (row["table"], row["seed"]) in mine and row["method"] in others]
    lines = [values(here, MAIN), *values(here, SECOND).splitlines()[2:]]
    lines.append(f"| processor seconds, each table once | {' | '.join(seconds_once(here, others))} |")
    return f"{' and '.join(titled(methods))}, {seeds_text(here)}:\n\n" + "\n".join(lines)
