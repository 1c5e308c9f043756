"""The result of training."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from xpnet.backend import Array, Backend
from xpnet.io import Model
from xpnet.io.models.history import History, Record
from xpnet.io.models.runs import Run

ADVICE = {
    "diverged": "the cost stopped being a finite number: try a smaller eta (a tenth), inputs scaled to about 1, "
    "or the scheme 'scaled'",
}


@dataclass(frozen=True, repr=False)
class Result:
    """A trained network with the history of its training.

    Attributes
    ----------
    network : Network
    parameters : tuple of Layer
        After the last epoch.
    best_parameters : tuple of Layer
        After the best epoch on the validation set; without one, the last.
    history : History
    stopped_by : str
        ``"epochs"``, ``"no_improvement"``, ``"diverged"``, ``"interrupted"``, or what another stopping rule says.
    execution : str
        How the steps were run, and with how many threads of the BLAS where xpnet chose them.
    features : tuple of str or None
        The names of the columns that it was trained on, if they came in a frame.
    classes : tuple or None
        The label of each output, if it was trained with labels that are text or booleans.
    settings : dict
        The arguments of the training as plain JSON: the optimizer with its numbers, batch size, epochs, seed, ….
    """

    network: Any
    parameters: Any
    best_parameters: Any
    history: History
    stopped_by: str
    execution: str = ""
    features: tuple[str, ...] | None = None
    classes: tuple[Any, ...] | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the network, how training ended, and what its best epoch showed: three lines."""
        n = len(self.history)
        lines = [f"Result of {self.network!r}", f"  after {n} epoch{'' if n == 1 else 's'}: {self.stopped_by}"]
        if n:
            best = self.history.best()
            seen = ((name, getattr(best, name)) for name in best._fields[1:5])
            shown = ", ".join(f"{name} {value:.4g}" for name, value in seen if value is not None)
            lines.append(f"  best epoch {best.epoch}: {shown}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: these lines, and the history."""
        from xpnet.notebooks import paragraph

        lines = "".join(paragraph(line.strip()) for line in repr(self).splitlines())
        return lines + (self.history._repr_html_() if len(self.history) else "")

    @property
    def advice(self) -> str | None:
        """What to try if training diverged."""
        return ADVICE.get(self.stopped_by)

    @property
    def best_record(self) -> Record:
        """The record of the epoch of `best_parameters`; there must have been an epoch."""
        watched = self.history[-1].validation_cost is not None
        return self.history.best() if watched else self.history[-1]

    @cached_property
    def model(self) -> Model:
        """The network with its best parameters, as `xpnet.save` stores it."""
        named: dict[str, Any] = {"classes": self.classes, "features": self.features}
        return Model(self.network, self.best_parameters, runs=(self.run,), **named)

    @property
    def run(self) -> Run:
        """How it was trained, and which epoch is kept, as its model file tells it."""
        n, epoch, measure = len(self.history), 0, "last"
        if n and self.history[-1].validation_cost is not None:
            epoch, measure = self.history.best().epoch, self.history.monitor
        elif n:
            epoch = n - (self.stopped_by == "diverged")  # the parameters are those before it
        lost = self.stopped_by == "diverged" and epoch == n
        return Run(self.settings, self.history, self.stopped_by, None if lost else epoch or None, measure)

    def predict(self, x: Any) -> Array:
        """Return a label for each row of `x`, or a regression's values, by the best parameters; see `Model.predict`."""
        return self.model.predict(x)

    def predict_proba(self, x: Any) -> Array:
        """Return a probability for each class and row of `x`; see `Model.predict_proba`."""
        return self.model.predict_proba(x)

    def to(self, backend: str | Backend) -> "Result":
        """Return this result with its parameters on another backend."""
        moved, best = (
            replace(self.model, parameters=p).to(backend).parameters for p in (self.parameters, self.best_parameters)
        )
        return replace(self, parameters=moved, best_parameters=best)
