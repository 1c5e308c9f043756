"""Progress while networks train: a bar on a terminal, lines in a pipe, JSON for programs."""

import json
import time
from collections.abc import Sequence
from typing import Any

from xpnet.io.records import plain
from xpnet.training import Callback, Record, TrainingInfo, Trial


def epoch_words(record: Record) -> str:
    """Return the cost and accuracy of an epoch as text."""
    words = [f"cost {record.cost:.4f}"]
    if record.accuracy is not None:
        words.append(f"accuracy {100 * record.accuracy:.2f} %")
    if record.validation_accuracy is not None:
        words.append(f"validation {100 * record.validation_accuracy:.2f} %")
    return "  ".join(words)


class Lines(Callback):
    """Prints a line for each epoch."""

    def start(self, plan: TrainingInfo) -> None:
        """Keep the plan and the time."""
        self.plan, self.began = plan, time.monotonic()

    def epoch(self, record: Record, parameters: Any) -> None:
        """Print the epoch, its speed and the time left."""
        spent = time.monotonic() - self.began
        left = spent / record.epoch * (self.plan.epochs - record.epoch)
        speed = self.plan.examples / max(record.seconds, 1e-9)
        counted = f"epoch {record.epoch:{len(str(self.plan.epochs))}}/{self.plan.epochs}"
        print(f"{counted}  {epoch_words(record)}  {speed:,.0f} examples/s  {left:.1f} s left", flush=True)


class Json(Callback):
    """Prints a JSON object for each epoch."""

    def epoch(self, record: Record, parameters: Any) -> None:
        """Print the record."""
        print(json.dumps({"event": "epoch", **plain(record._asdict())}), flush=True)


class Bar(Callback):
    """Shows a progress bar with the figures of the newest epoch."""

    def start(self, plan: TrainingInfo) -> None:
        """Show the bar."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.plan = plan
        self.progress = Progress(
            TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
            BarColumn(bar_width=24),
            TextColumn("{task.description}"),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self.task = self.progress.add_task("", total=plan.epochs)
        self.progress.start()

    def epoch(self, record: Record, parameters: Any) -> None:
        """Update the bar."""
        speed = self.plan.examples / max(record.seconds, 1e-9)
        self.progress.update(self.task, completed=record.epoch, description=f"{epoch_words(record)}  {speed:,.0f}/s")

    def end(self, result: Any) -> None:
        """Stop updating the bar."""
        self.progress.stop()

    def close(self) -> None:
        """Restore the terminal, however training ended."""
        if hasattr(self, "progress"):
            self.progress.stop()


# ---- of a search ------------------------------------------------------------------------------------------


class SearchLines:
    """Prints a line for each group of networks that has finished."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet, self.done, self.total, self.first, self.began = quiet, 0, 0, -1, time.monotonic()

    def __call__(self, trials: Sequence[Trial], done: int, total: int) -> None:
        """Print how many networks have finished, and the time left."""
        begins, self.first = self.first < 0, done if self.first < 0 else self.first
        self.done, self.total = done, total
        if not self.quiet:
            self.tell(begins)

    def tell(self, begins: bool) -> None:
        """Print the line."""
        if begins:
            known = f", {self.done} of them finished before" if self.done else ""
            print(f"search   {self.total} networks{known}", flush=True)
        else:
            print(f"{self.done:{len(str(self.total))}}/{self.total} networks  {self.left:.1f} s left", flush=True)

    @property
    def left(self) -> float:
        """The seconds that are left, at the speed so far."""
        spent = time.monotonic() - self.began
        return spent / max(1, self.done - self.first) * (self.total - self.done)


class SearchJson(SearchLines):
    """Prints a JSON object for each group."""

    def tell(self, begins: bool) -> None:
        """Print the object."""
        event = "start" if begins else "progress"
        print(json.dumps({"event": event, "networks": self.total, "finished": self.done}), flush=True)


class SearchBar(SearchLines):
    """Shows a progress bar."""

    def tell(self, begins: bool) -> None:
        """Show or update the bar."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        if begins:
            counted = TextColumn("{task.completed:.0f}/{task.total:.0f} networks")
            self.bar = Progress(counted, BarColumn(bar_width=24), TextColumn("left"), TimeRemainingColumn())
            self.task = self.bar.add_task("", total=self.total)
            self.bar.start()
        self.bar.update(self.task, completed=self.done)

    def close(self) -> None:
        """Restore the terminal, however the search ended."""
        if hasattr(self, "bar"):
            self.bar.stop()
