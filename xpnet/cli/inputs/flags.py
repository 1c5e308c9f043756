"""The flags that set the library's arguments: its errors name arguments, those of the command line flags."""

# arguments of the library, at the beginning of an error, and the flags that set them
FLAGS = {
    "hidden": "--activation",
    "output": "--output",
    "cost": "--cost",
    "sizes": "--hidden",
    "fraction": "--test-size",
    "seed": "--seed",
    "lam": "--lambda",
    "k": "--factors",
    "alpha": "--alpha",
    "draws": "--random",
    "path": "-o",
    "film": "--film",
    **{
        name: f"--{name.replace('_', '-')}"
        for name in (
            *("epochs", "batch_size", "eta", "l1", "l2", "max_norm", "class_weight", "scheme", "dropout", "target"),
            *("grid", "folds", "seeds", "score"),
            *("categorical", "impute", "keep", "measure", "backend", "device", "threads", "memory_limit"),
        )
    },
}


def in_flags(message: str) -> str:
    """Return an error of the library, with the flag in the place of the argument that it names.

    A path that must exist is an input, which has no flag; the others are outputs.

    Examples
    --------
    >>> in_flags("batch_size must be at least 1, got 0")
    '--batch-size must be at least 1, got 0'
    >>> in_flags("path must be an existing file, got 'data.csv'")
    "the input must be an existing file, got 'data.csv'"
    """
    name, must, rest = message.partition(" must ")
    if name == "path" and rest.startswith("be an existing file"):
        return f"the input{must}{rest}"
    return f"{FLAGS[name]}{must}{rest}" if must and name in FLAGS else message
