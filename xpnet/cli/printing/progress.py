"""Progress while a network trains: a bar on a terminal, lines in a pipe, JSON for programs."""

import json
import time
from typing import Any

from xpnet.io.records import plain
from xpnet.training import Callback, Record, TrainingInfo


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
