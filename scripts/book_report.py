"""Verdicts, the page and the pictures of reproduce_book.py: all computed from the results that are kept."""

from itertools import groupby
from math import sqrt
from statistics import fmean, median, stdev

from book_experiments import BASELINE, CLAIMS, EXPERIMENTS, MORE_DATA, SIZES
from drawing import Panel, draw

TOLERANCE = 0.3  # points of accuracy on 10,000 images; on fewer images more, as 1/sqrt(images)
COST_TOLERANCE = 0.05  # of the book's cost
LOST = 0.1  # a class of which fewer images are recognized is lost: guessing does as well

MEASURES = {  # name in a claim: (words, what it is of a result)
    "best": ("best epoch", lambda result: max(result["accuracy"])),
    "last": ("last epoch", lambda result: result["accuracy"][-1]),
    "epoch 1": ("first epoch", lambda result: result["accuracy"][0]),
    "epochs 1 to 4": ("mean of epochs 1 to 4", lambda result: fmean(result["accuracy"][:4])),
    "training, last": ("training images, last epoch", lambda result: result["training_accuracy"][-1]),
    "lowest cost": ("cost, lowest", lambda result: min(result["cost"])),
    "last cost": ("cost, last epoch", lambda result: result["cost"][-1]),
    "training cost, epoch 1": ("training cost, first epoch", lambda result: result["training_cost"][0]),
    "training cost, last": ("training cost, last epoch", lambda result: result["training_cost"][-1]),
}
FIRST_SEEDS = ("0", "1", "2", "3", "4")
VERDICTS = ("inside", "fails, too", "better", "near", "worse")
RULES = f"""\
The book's figure is that of one run, or of the best of three. Ours are of several seeds, \
which a stack trains as one after another does, bit for bit; the \
deviation is the standard deviation over them. The verdicts are computed, the first that fits:

- **inside**: it lies between the lowest and the highest of our seeds, widened by {TOLERANCE} points (on fewer than \
10,000 images by more, as 1/√images: 3 points on 100), or by {100 * COST_TOLERANCE:.0f} % for a cost;
- **fails, too**: the book shows a failure, and no seed gets above the {BASELINE / 100} % that the darkness of an \
image tells without any learning;
- **better**: every seed is;
- **near**: it lies in our seeds' range widened by the range's own width, for a few seeds show only a part of what \
luck does;
- **worse**: none of these; what was measured about it stands below."""


def of(results, name):
    """Return the results of one experiment, {seed: result}."""
    found = {key.split("/")[1]: result for key, result in results.items() if key.split("/")[0] == name}
    return {int(seed): found[seed] for seed in sorted(found, key=int)}


# ---- verdicts ---------------------------------------------------------------------------------------------


def verdict(claim, ours, judges=10_000):
    """Return what the rules say about the book's figure, given those of our seeds."""
    if claim.book is None:
        return "–"
    is_cost = "cost" in claim.measure
    low, high, book = min(ours), max(ours), claim.book
    slack = COST_TOLERANCE * book if is_cost else TOLERANCE * sqrt(10_000 / judges)
    if low - slack <= book <= high + slack:
        return "inside"
    if claim.fails and high <= BASELINE / 100:
        return "fails, too"
    if high < book if is_cost else low > book:
        return "better"
    width = high - low
    return "near" if low - width <= book <= high + width else "worse"


def measured(claim, results):
    """Return what our seeds showed where the book has the figure of the claim."""
    return [MEASURES[claim.measure][1](result) for result in of(results, claim.experiment).values()]


def judged(claim, results):
    """Return the verdict on a claim."""
    return verdict(claim, measured(claim, results), EXPERIMENTS[claim.experiment].judges)


def lost(result):
    """Return the classes that are lost."""
    return [digit for digit, recall in enumerate(result["recall"]) if recall < LOST]


def accuracy_of_others(result):
    """Return the accuracy on the images of the classes that are not lost, in percent."""
    pairs = [(share, recall) for share, recall in zip(result["share"], result["recall"], strict=True) if recall >= LOST]
    return 100 * sum(share * recall for share, recall in pairs) / sum(share for share, _ in pairs)


# ---- the page ---------------------------------------------------------------------------------------------


def page(results, pictures):
    """Return the page; `pictures` is the way from it to the folder of the pictures."""
    claims = [claim for claim in CLAIMS if of(results, claim.experiment)]
    lines = ["# The book's experiments, run again", "", *summary(claims, results), "", RULES]
    for section, some in groupby(claims, lambda claim: claim.section):
        lines += ["", f"## {section}", "", *table(list(some), results)]
    lines += [
        "",
        "## Where the book's figure is better than ours",
        "",
        *worse(claims, results),
        *doubted(claims, results),
    ]
    lines += [
        "",
        "## Without training",
        "",
        *darkness(results),
        "",
        "## Lost classes",
        "",
        *losses(results),
        "",
        *diverged(results),
    ]
    lines += ["", *(f"![{words}]({pictures}/{name})" for name, words in PICTURES.items()), ""]
    return "\n".join(lines)


def summary(claims, results):
    """Yield what was run, and how many figures have which verdict."""
    runs = [result for key, result in results.items() if "/" in key]
    versions = {", ".join(f"{name} {version}" for name, version in run["versions"].items()) for run in runs}
    verdicts = [judged(claim, results) for claim in claims]
    yield (
        f"`python scripts/reproduce_book.py mnist.npz`: NumPy, float32, one BLAS thread "
        f"({'; '.join(sorted(versions))}); {len(runs)} runs."
    )
    counts = ", ".join(f"{verdicts.count(each)} {each}" for each in VERDICTS if each in verdicts)
    yield f"Of {len(verdicts) - verdicts.count('–')} figures that the book reports: {counts}."


def table(claims, results):
    """Yield the rows of a section."""
    yield "| experiment | what | the book | here: median (lowest to highest) | mean ± deviation | seeds | verdict |"
    yield "|---|---|---|---|---|---|---|"
    before = None
    for claim in claims:
        ours, (form, unit) = measured(claim, results), ("{:.3f}", "") if "cost" in claim.measure else ("{:.2f}", " %")
        low, middle, high = (form.format(value) for value in (min(ours), median(ours), max(ours)))
        book = "none" if claim.book is None else form.format(claim.book) + unit
        yield (
            f"| {described(claim.experiment) if claim.experiment != before else ''} | {MEASURES[claim.measure][0]} "
            f"| {book} | {middle}{unit} ({low} to {high}) "
            f"| {form.format(fmean(ours))} ± {form.format(stdev(ours) if len(ours) > 1 else 0.0)} "
            f"| {len(ours)} | {judged(claim, results)} |"
        )
        before = claim.experiment


def described(name):
    """Return an experiment in words."""
    it = EXPERIMENTS[name]
    words = [str(list(it.sizes)), it.cost.replace("_", "-"), f"eta {it.eta:g}"]
    words += [f"L2 {it.l2:g}"] if it.l2 else []
    words += [f"{it.images:,} images"] if it.images < 50_000 or name.startswith("data") else []
    words += [f"{it.epochs:,} epochs", "N(0, 1)" if it.scheme == "large" else "N(0, 1/n_in)"]
    return ", ".join([*words, it.judged_on if it.judges == 10_000 else f"{it.judges} {it.judged_on} images"])


def worse(claims, results):
    """Yield what was measured about each figure that is worse: every seed, how far off the book's is, lost classes."""
    outside = [claim for claim in claims if judged(claim, results) in ("near", "worse")]
    if not outside:
        yield "Nowhere."
    for claim in outside:
        ours, runs = measured(claim, results), of(results, claim.experiment)
        far = (
            f", {abs(claim.book - fmean(ours)) / stdev(ours):.1f} standard deviations off" if len(set(ours)) > 1 else ""
        )
        classes = {seed: lost(result) for seed, result in runs.items() if lost(result)}
        found = "; ".join(f"seed {seed} lost {', '.join(map(str, digits))}" for seed, digits in classes.items())
        yield (
            f"- {described(claim.experiment)}, {MEASURES[claim.measure][0]}: the book {claim.book:g}, ours "
            f"{', '.join(f'{value:.4g}' for value in ours)} (mean {fmean(ours):.4g}{far}). "
            f"Lost classes: {found or 'none'}."
        )


def doubted(claims, results):
    """Yield which figures were outside with the first three seeds, and therefore were given more."""
    first = {key: result for key, result in results.items() if key.split("/")[-1] in FIRST_SEEDS or "/" not in key}
    more = [claim for claim in claims if len(measured(claim, results)) > len(measured(claim, first)) > 0]
    outside = [claim for claim in more if judged(claim, first) in ("near", "worse")]
    if outside:
        told = "; ".join(
            f"{described(claim.experiment)}, {MEASURES[claim.measure][0]}: {judged(claim, first)} "
            f"({min(measured(claim, first)):.4g} to {max(measured(claim, first)):.4g}, the book {claim.book:g})"
            for claim in outside
        )
        yield ""
        yield f"With seeds {', '.join(FIRST_SEEDS)} alone some were outside, so more seeds were run: {told}."


def darkness(results):
    """Yield how the rule of the average darkness does."""
    found = results.get("average darkness", {"right": 0, "of": 0})
    same = found["right"] == BASELINE
    yield (
        f"The digit whose mean ink is nearest: {found['right']:,} of {found['of']:,} test images; the book has "
        f"{BASELINE:,} of 10,000: {'equal' if same else 'not equal'}."
    )


def losses(results):
    """Yield the runs that ended with lost classes though the experiment is not meant to fail, and what they show."""
    failures = {claim.experiment for claim in CLAIMS if claim.fails}
    found = [
        (name, seed, result)
        for name in EXPERIMENTS
        for seed, result in of(results, name).items()
        if lost(result) and name not in failures
    ]
    yield (
        f"A class is lost if fewer than {100 * LOST:.0f} % of its images are recognized after the last epoch; if its "
        f"neuron's output stays near 0 on all images, the neuron is dead. Lost classes: {len(found)} runs beside those "
        "that are meant to fail."
    )
    if found:
        yield from ("", "| experiment | seed | all images | lost | largest output of their neurons | other classes |")
        yield "|---|---|---|---|---|---|"
    for name, seed, result in found:
        digits = lost(result)
        outputs = ", ".join(f"{result['largest_output'][digit]:.3f}" for digit in digits)
        yield (
            f"| {described(name)} | {seed} | {result['accuracy'][-1]:.2f} % | {', '.join(map(str, digits))} "
            f"| {outputs} | {accuracy_of_others(result):.2f} % |"
        )


def diverged(results):
    """Yield which experiments ended because the cost was no longer finite."""
    runs = {name: [run["stopped_by"] for run in of(results, name).values()] for name in EXPERIMENTS}
    found = [
        f"{described(name)} ({ends.count('diverged')} of {len(ends)} runs)"
        for name, ends in runs.items()
        if "diverged" in ends
    ]
    yield f"Stopped as diverged, the cost being no longer finite: {'; '.join(found) or 'none'}."


# ---- the pictures -----------------------------------------------------------------------------------------

PICTURES = {
    "book_more_data.png": "Accuracy against the number of training images: the book's and ours",
    "book_curves.png": "Accuracy and cost along the epochs",
}
CURVES = {
    "first": "quadratic, 30 hidden",
    "cross-entropy": "cross-entropy, 30",
    "regularized-full": "with L2, 30",
    "cross-entropy-100": "cross-entropy, 100",
    "long-100-scaled": "with L2, 100, N(0, 1/n_in) (validation)",
}


def pictures(results, folder):
    """Draw both pictures of what is there."""
    ours = {n: [run["accuracy"][-1] for run in of(results, f"data-{n}").values()] for n in SIZES}
    ours = {n: values for n, values in ours.items() if values}
    if len(ours) == len(SIZES):
        low, middle, high = ([each(values) for values in ours.values()] for each in (min, median, max))
        curves = {"the book": (SIZES, MORE_DATA), "here: median, lowest to highest": (SIZES, middle)}
        axes = {"xlabel": "training images", "ylabel": "accuracy on the validation images, %", "xscale": "log"}
        name = "here: median, lowest to highest"
        panel = Panel("1.5 million examples seen, [784, 30, 10]", curves, axes, SIZES, {name: (low, high)})
        draw(folder, "book_more_data.png", panel)
    accuracy = {words: curve(results, name, "accuracy", 30) for name, words in CURVES.items() if of(results, name)}
    cost = {
        words: curve(results, name, "cost", 400)
        for name, words in {"overfitting": "without L2", "regularized": "with L2"}.items()
        if of(results, name)
    }
    draw(
        folder,
        "book_curves.png",
        Panel("accuracy", accuracy, {"xlabel": "epoch", "ylabel": "accuracy, median, %", "ylim": (90, 98.5)}),
        Panel("1,000 images", cost, {"xlabel": "epoch", "ylabel": "cost on the test images, median", "ylim": (0.7, 2)}),
    )


def curve(results, name, what, epochs):
    """Return epochs and the median of our seeds."""
    values = [result[what][:epochs] for result in of(results, name).values()]
    return range(1, len(values[0]) + 1), [median(each) for each in zip(*values, strict=True)]
