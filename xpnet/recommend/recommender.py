"""What fitting gives back: predictions, lists of items, neighbors, and newcomers folded in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, NamedTuple

from xpnet.backend import Array, namespace, of, to_numpy
from xpnet.checks import whole
from xpnet.recommend.algorithms.als import Factors
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.plan import pairs


class Scored(NamedTuple):
    """Items (or users) in order, the best first, with what they were ordered by: host arrays."""

    ids: Any  # (n,)
    scores: Any  # (n,)


@dataclass(frozen=True, eq=False)
class Recommender:
    """Biases and factors fitted to ratings.

    Attributes
    ----------
    ratings : Ratings
        What it was fitted to: the ids, and what every user has seen.
    biases : Biases
    factors : Factors
        With no columns for the bias model.
    lam : float
        The regularization that newcomers are folded in with.
    damping : (float, float)
        That of the biases.
    history : tuple
        What happened along the way: records of the model's own kind.
    bounded : bool
        Whether predictions are ratings, and kept within the range of those known; else they are preferences.

    Examples
    --------
    >>> from xpnet.data.ratings.reading import Ratings
    >>> from xpnet.recommend import BiasModel
    >>> ratings = Ratings.of(["ann", "ann", "bob", "bob"], ["tea", "rum", "tea", "gin"], [5, 1, 4, 2])
    >>> model = BiasModel(damping=(0.0, 0.0)).fit(ratings)
    >>> model.recommend("ann", 2).ids.tolist()
    ['gin']
    """

    ratings: Any
    biases: Biases
    factors: Factors
    lam: float = 0.0
    damping: tuple[float, float] = (5.0, 5.0)
    history: tuple[Any, ...] = ()
    bounded: bool = True

    # ---- ratings ------------------------------------------------------------------------------------------

    def predict(self, users: Any, items: Any) -> Array:
        """Return the ratings expected of these users for these items, by id: shape (n,), within the known range.

        A user never seen counts as one without a bias and factors, and so does an item: what is left is what is
        known of the other, and of nobody, the mean.
        """
        user_numbers, item_numbers = self.ratings.numbers(users, items)
        return self.predict_numbers(user_numbers, item_numbers)

    def predict_numbers(self, users: Any, items: Any) -> Array:
        """Return the same for row numbers, of which -1 is a user or an item never seen."""
        home = of(self.biases.user)
        users, items = (home.asarray(x) for x in (users, items))
        known = namespace(users).astype
        at_user, at_item = (_clamped(x) for x in (users, items))
        xp = namespace(users)
        of_user, of_item = (known(x >= 0, self.biases.user.dtype) for x in (users, items))
        found = self.biases.mean + of_user * xp.take(self.biases.user, at_user)
        found = found + of_item * xp.take(self.biases.item, at_item)
        if self.factors.p.shape[-1]:
            found = found + of_user * of_item * pairs(self.factors.p, self.factors.q, at_user, at_item)
        return self._within(found)

    def rmse(self, ratings: Any) -> float:
        """Return the root mean square error on other ratings of the same users and items (by row number)."""
        found = to_numpy(self.predict_numbers(ratings.users, ratings.items)).astype("float64")
        return float(((found - ratings.values) ** 2).mean() ** 0.5)

    # ---- lists --------------------------------------------------------------------------------------------

    def recommend(self, user: Any, n: int = 10, *, seen: bool = False) -> Scored:
        """Return the n items that `user` should like best, with the ratings expected.

        Parameters
        ----------
        user : an id
            Of one never seen, the list is that of the items' biases.
        n : int
            Fewer come back if there are no more.
        seen : bool
            Whether items that the user has rated may come, too.
        """
        number = int(self.ratings.numbers([user], self.ratings.item_ids[:1])[0][0])
        if number < 0:
            return self._ordered(self.biases.mean + self.biases.item, (), n)
        return self._ordered(self._scores(number), () if seen else self._seen(number), n)

    def similar_items(self, item: Any, n: int = 10) -> Scored:
        """Return the n items whose factors point most nearly where those of `item` do, itself first, with cosines."""
        number = self.ratings.item_number(item)
        if not self.factors.q.shape[-1]:
            raise ValueError("the model must have factors to tell which items are similar; the bias model has none")
        xp, q = namespace(self.factors.q), self.factors.q
        lengths = xp.sqrt(xp.sum(q * q, axis=-1))
        q = q / xp.where(lengths > 0.0, lengths, xp.ones_like(lengths))[:, None]
        cosines = q @ q[number, :]
        cosines = xp.where(xp.arange(q.shape[0], device=of(q).device) == number, xp.ones_like(cosines), cosines)
        return self._ordered(cosines, (), n, clip=False)

    def top_numbers(self, users: Any, n: int = 10, *, seen: bool = False) -> Any:
        """Return the row numbers of the n best items for each of the users' row numbers: (m, n), -1 for no more.

        What `xpnet.recommend.metrics` compares with what was held out; a host array.
        """
        rows, xp = [], namespace(self.ratings.items)
        for number in users:
            found = self._best(self._scores(int(number)), () if seen else self._seen(int(number)), n)[0]
            rows.append(xp.concat([found, xp.full((n - found.shape[0],), -1, dtype=found.dtype)]))
        return xp.stack(rows) if rows else xp.zeros((0, n), dtype=self.ratings.items.dtype)

    # ---- newcomers ----------------------------------------------------------------------------------------

    def fold_in(self, items: Any, values: Any) -> "Guest":
        """Return a user who is not among the ratings, from what they think of some items: nothing is fitted again.

        Parameters
        ----------
        items : sequence of ids
            Known ones.
        values : sequence of numbers
            Their ratings.

        Notes
        -----
        The bias is a damped mean, the factors a ridge regression on those of the items, as for every user.
        """
        numbers, y = self._newcomer(items, values, self.ratings.item_number)
        xp = namespace(y)
        y = y - self.biases.mean - xp.take(self.biases.item, numbers)
        bias, p = self._solved(y, xp.take(self.factors.q, numbers, axis=0), self.damping[0])
        return Guest(self, bias, p, tuple(int(i) for i in to_numpy(numbers)))

    def fold_in_item(self, users: Any, values: Any) -> "NewItem":
        """Return an item that is not among the ratings, from what some users think of it; see `fold_in`."""
        numbers, y = self._newcomer(users, values, self.ratings.user_number)
        xp = namespace(y)
        y = y - self.biases.mean - xp.take(self.biases.user, numbers)
        return NewItem(self, *self._solved(y, xp.take(self.factors.p, numbers, axis=0), self.damping[1]))

    def _newcomer(self, others: Any, values: Any, number: Callable[[Any], int]) -> tuple[Array, Array]:
        numbers, home = [number(one) for one in others], of(self.biases.user)
        y = home.asarray(list(values), home.dtype, name="values")
        if y.ndim != 1 or len(numbers) != y.shape[0] or not numbers:
            raise ValueError(f"as many values as ids must be given, one or more, got {y.shape} and {len(numbers)}")
        if not bool(home.xp.all(home.xp.isfinite(y))):
            raise ValueError("values must be finite")
        return home.asarray(numbers), y

    def _solved(self, y: Array, f: Array, damping: float) -> tuple[Array, Array]:
        """Return the bias and the factors that explain y by the factors f of the other side, (m, k)."""
        xp, k = namespace(y), f.shape[-1]
        bias = xp.sum(y) / (y.shape[0] + damping)
        if not k:
            return bias, f[0, :]
        g = f.mT @ f + self.lam * xp.eye(k, dtype=f.dtype, device=of(f).device)
        return bias, xp.linalg.solve(g, f.mT @ (y - bias)[:, None])[:, 0]

    # ---- small words --------------------------------------------------------------------------------------

    @cached_property
    def _range(self) -> tuple[float, float]:
        return float(self.ratings.values.min()), float(self.ratings.values.max())

    def _within(self, found: Array) -> Array:
        if not self.bounded:
            return found
        xp, (low, high) = namespace(found), self._range
        return xp.minimum(xp.maximum(found, low), high)

    def _seen(self, number: int) -> list[int]:
        numbers: list[int] = self.ratings.items[self.ratings.users == number].tolist()
        return numbers

    def _scores(self, number: int) -> Array:
        biases, (p, q) = self.biases, self.factors
        return biases.mean + biases.user[number] + biases.item + q @ p[number, :]

    def _ordered(self, scores: Array, without: Sequence[int], n: int, clip: bool = True) -> Scored:
        numbers, best = self._best(scores, without, whole("n", n, 1))
        return Scored(self.ratings.item_ids[numbers], to_numpy(self._within(best) if clip else best))

    def _best(self, scores: Array, without: Sequence[int], n: int) -> tuple[Any, Array]:
        """Return the numbers of the n best items, on the host, and their scores."""
        xp, home = namespace(scores), of(scores)
        if without:
            there = xp.arange(scores.shape[0], device=home.device)[:, None]
            hidden = xp.any(there == home.asarray(list(without))[None, :], axis=-1)
            scores = xp.where(hidden, -inf, scores)
        order = xp.argsort(-scores, stable=True)[: min(n, scores.shape[0] - len(without))]
        return to_numpy(order), xp.take(scores, order)


@dataclass(frozen=True, eq=False)
class Guest:
    """A user folded in: a bias and factors beside a recommender's."""

    recommender: Recommender
    bias: Array  # ()
    p: Array  # (k,)
    items: tuple[int, ...]  # the numbers of those rated

    def predict(self, items: Any) -> Array:
        """Return the ratings expected for items, by id."""
        numbers = of(self.p).asarray([self.recommender.ratings.item_number(item) for item in items])
        return self.recommender._within(namespace(self.p).take(self._scores(), numbers))

    def recommend(self, n: int = 10, *, seen: bool = False) -> Scored:
        """Return the n items that the guest should like best; see `Recommender.recommend`."""
        return self.recommender._ordered(self._scores(), () if seen else self.items, n)

    def _scores(self) -> Array:
        biases, q = self.recommender.biases, self.recommender.factors.q
        return biases.mean + self.bias + biases.item + q @ self.p


def _clamped(x: Array) -> Array:
    return namespace(x).maximum(x, 0)


@dataclass(frozen=True, eq=False)
class NewItem:
    """An item folded in: a bias and factors beside a recommender's."""

    recommender: Recommender
    bias: Array  # ()
    q: Array  # (k,)

    def predict(self, users: Any) -> Array:
        """Return the ratings expected of users, by id."""
        found, xp = self.recommender, namespace(self.q)
        at = of(self.q).asarray([found.ratings.user_number(user) for user in users])
        scores = found.biases.mean + self.bias + found.biases.user + found.factors.p @ self.q
        return found._within(xp.take(scores, at))
