"""The training loop of a stack: every network ends as it would have ended alone.

Networks that stop keep their values.  When half of the stack has stopped, the others go on in a smaller one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, NamedTuple, TypeAlias

from xpnet.backend import Array, Backend
from xpnet.io.models.history import History, Record
from xpnet.training.batches.batches import Data
from xpnet.training.loop import Outcome, or_nan
from xpnet.training.resuming.keeper import Keeper, unchanged
from xpnet.training.resuming.state import tree_of
from xpnet.training.runs.stacks.batches import Epoch
from xpnet.training.runs.stacks.keeping import restore, to_arrays
from xpnet.training.runs.stacks.measuring import Measures, by_network, means, sums_of, validate
from xpnet.training.runs.stacks.members import Member
from xpnet.training.runs.stacks.settings import tabulate_stack
from xpnet.training.runs.stacks.stack import Stack, one, taken
from xpnet.training.watching.decision import decide

# called after each epoch, with the record of each network that still trains, by its number, and with their parameters
# as those of a stack, in the same order
Watch: TypeAlias = Callable[[Mapping[int, Record], Any], None]


@dataclass
class State:
    """How far one network has come, beside its parameters."""

    best: Any
    history: History
    t: int = 0  # steps taken
    factor: float = 1.0  # on its learning rate
    stopped: bool = False


class Run(NamedTuple):
    """What stays the same during the training of a stack."""

    data: Data
    validation: Data | None
    backend: Backend
    watch: Watch | None
    clock: Callable[[], float]


def fit_stack(
    members: list[Member],
    start: Any,
    data: Data,
    validation: Data | None,
    backend: Backend,
    *,
    watch: Watch | None = None,
    keep: bool = False,
    clock: Callable[[], float] = monotonic,
    keeper: Keeper | None = None,
) -> list[Outcome]:
    """Train the networks together, and return for each what `xpnet.training.loop.fit` returns.

    Parameters
    ----------
    members : list of Member
        Their settings may differ in the settings of the optimizer, l1, l2 and the seed.
    start : tree of arrays, shape (k, ...)
        The initial parameters, in the order of the members.
    data : Data
        What all members read.
    validation : Data or None
        What all members watch; None: each watches its own rows of the data, if it has some.
    backend : Backend
    watch : callable, optional
    keep : bool
        Whether an interrupt ends the training with the last complete epoch instead of being raised.
    clock : callable
    keeper : Keeper, optional
        Writes the state after an epoch if it is time, and the stack begins with the state that it finds.

    Notes
    -----
    `Record.seconds` of a network is its share of the epoch's time: the seconds of all add up to those of the stack.
    """
    order = sorted(range(len(members)), key=lambda i: -members[i].n)
    start = taken(start, order, backend)
    members = [members[i] for i in order]
    states = {
        member.number: State(one(start, i), History(keep=member.settings.keep)) for i, member in enumerate(members)
    }
    outcomes = {
        number: Outcome(state.best, state.best, state.history, "epochs", "") for number, state in states.items()
    }
    run = Run(data, validation, backend, watch, clock)
    slots = members[0].settings.optimizer.init(start).slots
    stack, done = Stack(members, (start, slots), data, backend), 0
    found = None if keeper is None else keeper.load(unchanged)
    if found is not None:
        outcomes = restore(*found, one(start, 0), states, watch, backend)
        stack, done = _stack_of(found, stack), found[1]["epoch"]
    try:
        for stack, epoch, news in _epochs(stack, states, run, done):  # noqa: B020
            outcomes |= news
            if keeper is not None:
                numbers = [member.number for member in stack.members]
                t = sum(state.t for state in states.values())  # those that have left the stack count, too
                keeper.hold(t, *to_arrays(epoch, numbers, stack.carry, states, outcomes, watch))
    except KeyboardInterrupt:
        if not keep:
            raise
        for number, outcome in outcomes.items():
            if not states[number].stopped:
                outcomes[number] = outcome._replace(stopped_by="interrupted")
    finally:
        if keeper is not None:
            keeper.close()
    return [outcomes[number] for number in sorted(outcomes)]


def _stack_of(found: tuple[dict[str, Any], dict[str, Any]], first: Stack) -> Stack:
    """Return the stack of a checkpoint; `first` is that at the beginning."""
    arrays, note = found
    places = {member.number: i for i, member in enumerate(first.members)}
    stack = first.of([places[number] for number in note["numbers"]])
    stack.carry = tree_of(arrays, "carry", stack.carry, stack.backend)
    return stack


def _epochs(
    stack: Stack, states: dict[int, State], run: Run, done: int
) -> Iterator[tuple[Stack, int, dict[int, Outcome]]]:
    """Yield after each epoch the stack that goes on, the number of the epoch, and how the networks would end here.

    Networks that have stopped are not in it again.
    """
    parameters = stack.parameters
    for epoch in range(done + 1, stack.members[0].settings.epochs + 1):
        if all(states[member.number].stopped for member in stack.members):
            return
        started, before = run.clock(), parameters
        sums = _train(stack, epoch, states)
        parameters = stack.parameters
        found = [or_nan(sums, parameters), *validate(stack, parameters, run.validation)]
        measured = means(found, stack.members, run.validation)
        live = [i for i, member in enumerate(stack.members) if not states[member.number].stopped]
        seconds = (run.clock() - started) / len(live)
        news = {}
        for i in live:
            member, state = stack.members[i], states[stack.members[i].number]
            eta = member.settings.optimizer.scaled(state.factor).eta(state.t - 1)
            state.history = state.history.after(Record(epoch, *measured[i], eta, seconds))
            news[member.number] = _outcome(member, state, i, before, parameters, stack.way)
        if run.watch:
            records = {number: outcome.history[-1] for number, outcome in news.items()}
            run.watch(records, taken(parameters, live, run.backend))
        kept = [i for i in live if not states[stack.members[i].number].stopped]
        if kept and 2 * len(kept) <= len(stack.members):
            stack, parameters = stack.of(kept), taken(parameters, kept, run.backend)
        yield stack, epoch, news


def _train(stack: Stack, epoch: int, states: dict[int, State]) -> Array:
    """Let every network of the stack take the steps of an epoch; return the sums of its measures, (2, k)."""
    own = [states[member.number] for member in stack.members]
    optimizers = [m.settings.optimizer.scaled(state.factor) for m, state in zip(stack.members, own, strict=True)]
    measures: Measures = []
    for phase, inputs in Epoch(stack.members, stack.data, epoch, stack.backend).stretches():
        taking = slice(phase.first, phase.last)
        ts = [state.t for state in own[taking]]
        numbers = tabulate_stack(optimizers[taking], ts, phase.steps, stack.backend)
        z = stack.run(phase.first, phase.last, inputs._replace(numbers=numbers))
        for state in own[taking]:
            state.t += phase.steps
        measures.append((phase.first, by_network(stack.evaluator.outputs(z, inputs.y, inputs.weights), z)))
    return sums_of(measures, stack.members)


def _outcome(member: Member, state: State, i: int, before: Any, parameters: Any, way: str) -> Outcome:
    """Return how the network in place i of the stack would end after the last record of its history."""
    watched = state.history[-1].validation_cost is not None
    decision = decide(state.history, member.settings.stopping, watched)
    last = one(before if decision.diverged else parameters, i)
    state.best = last if decision.is_best else state.best
    state.factor, state.stopped = decision.verdict.factor, bool(decision.verdict.reason)
    return Outcome(last, state.best, state.history, decision.verdict.reason or "epochs", way)
