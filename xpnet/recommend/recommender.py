"""What fitting returns: predictions, lists of items, similar items, and newcomers folded in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xpnet.backend import Array, library_of, namespace, of, to_numpy
from xpnet.checks import whole
from xpnet.data.ratings.columns import as_numbers, as_values
from xpnet.data.ratings.ids import known_places
from xpnet.recommend.algorithms.als import Factors
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import check_size
from xpnet.recommend.algorithms.plan import pairs
from xpnet.recommend.folding.newcomer import Folding, Newcomer
from xpnet.recommend.metrics.errors import rmse
from xpnet.recommend.newcomers import Guest, NewItem
from xpnet.recommend.ranking import Scored, best


@dataclass(frozen=True, eq=False)
class Recommender:
    """Biases and factors fitted to ratings.

    Attributes
    ----------
    ratings : Ratings
        The ratings that it was fitted to: they hold the ids, and the items that each user has rated.
    biases : Biases
    factors : Factors
        The bias model's have no columns.
    folding : Folding
        How the model folds newcomers in.
    lam : float
        The lambda that it was fitted with; 0 for a model without one.
    history : tuple
        Records of the fit, of the model's own kind.
    bounded : bool
        Whether predictions are ratings, which are kept within the range of the known ones, or preferences.

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
    folding: Folding
    lam: float = 0.0
    history: tuple[Any, ...] = ()
    bounded: bool = True

    # ---- ratings ------------------------------------------------------------------------------------------

    def predict(self, users: Any, items: Any) -> Array:
        """Return the ratings expected of these users for these items, by id: shape (n,), within the known range.

        Parameters
        ----------
        users, items : sequences or arrays of ids, shape (n,)
            One of them may have a single id, which then goes with each of the other's.

        Raises
        ------
        TypeError, ValueError
            If ids are mixed or masked, or the two differ in number and neither has a single id.

        Notes
        -----
        A user never seen counts as one without a bias and factors, and so does an item: the prediction is what is
        known of the other one; where nothing is known of either, it is the mean.
        """
        user_numbers, item_numbers = self.ratings.numbers(users, items)
        return self.predict_numbers(user_numbers, item_numbers)

    def predict_numbers(self, users: Any, items: Any) -> Array:
        """Return the same for row numbers, of which -1 is a user or an item never seen."""
        users = as_numbers("users", users, self.ratings.n_users, least=-1)
        items = as_numbers("items", items, self.ratings.n_items, least=-1)
        if users.shape != items.shape and 1 not in (users.size, items.size):
            raise ValueError(f"users must be as many as items, or one of them one, got {users.size} and {items.size}")
        home, xp = of(self.biases.user), namespace(self.biases.user)
        users, items = xp.broadcast_arrays(home.asarray(users), home.asarray(items))
        at_user, at_item = (xp.maximum(x, 0) for x in (users, items))
        of_user, of_item = (xp.astype(x >= 0, self.biases.user.dtype) for x in (users, items))
        found = self.biases.mean + of_user * xp.take(self.biases.user, at_user)
        found = found + of_item * xp.take(self.biases.item, at_item)
        if self.factors.p.shape[-1]:
            found = found + of_user * of_item * pairs(self.factors.p, self.factors.q, at_user, at_item)
        return self.within(found)

    def rmse(self, ratings: Any) -> float:
        """Return the root mean square error on other ratings, whose users and items are met by their ids."""
        users, items = self.ratings.numbers(ratings.user_ids, ratings.item_ids)
        found = to_numpy(self.predict_numbers(users[ratings.users], items[ratings.items]))
        return float(rmse(found.astype("float64"), ratings.values))

    def within(self, scores: Array) -> Array:
        """Return predictions kept within the range of the known ratings; preferences as they are."""
        if not self.bounded:
            return scores
        xp, (low, high) = namespace(scores), self._range
        return xp.minimum(xp.maximum(scores, low), high)

    # ---- lists --------------------------------------------------------------------------------------------

    def recommend(self, user: Any, n: int = 10, *, seen: bool = False) -> Scored:
        """Return the n items that `user` should like best, with the ratings expected.

        Parameters
        ----------
        user : an id
            For a user never seen, the items with the largest biases are listed.
        n : int
            Fewer are returned if there are no more.
        seen : bool
            Whether items that the user has rated may be listed, too.
        """
        number = int(self.ratings.numbers([user], self.ratings.item_ids[:1])[0][0])
        return self.ranked(self._scores(number), () if seen else self._seen(number), n)

    def similar_items(self, item: Any, n: int = 10) -> Scored:
        """Return the n items whose factors have the largest cosines with those of `item`, itself first."""
        number = self.ratings.item_number(item)
        if not self.factors.q.shape[-1]:
            raise ValueError("the model must have factors to tell which items are similar; the bias model has none")
        xp, q = namespace(self.factors.q), self.factors.q
        lengths = xp.sqrt(xp.sum(q * q, axis=-1))
        q = q / xp.where(lengths > 0.0, lengths, xp.ones_like(lengths))[:, None]
        cosines = q @ q[number, :]
        cosines = xp.where(xp.arange(q.shape[0], device=of(q).device) == number, xp.ones_like(cosines), cosines)
        numbers, largest = best(cosines, (), whole("n", n, 1))
        return Scored(self.ratings.item_ids[numbers], to_numpy(largest))

    def top_numbers(self, users: Any, n: int = 10, *, seen: bool = False) -> Any:
        """Return the row numbers of the n best items for each of m users' row numbers: (m, n), -1 for no item.

        The measures of lists compare this host array with the items that were held out.  The number -1 is a user
        never seen, as in `predict_numbers`.
        """
        rows, xp = [], namespace(self.ratings.items)
        n = whole("n", n, 1)
        for number in as_numbers("users", users, self.ratings.n_users, least=-1).tolist():
            found = best(self._scores(number), () if seen else self._seen(number), n)[0]
            rows.append(xp.concat([found, xp.full((n - found.shape[0],), -1, dtype=found.dtype)]))
        return xp.stack(rows) if rows else xp.zeros((0, n), dtype=self.ratings.items.dtype)

    def ranked(self, scores: Array, without: Sequence[int], n: int) -> Scored:
        """Return the n items with the largest scores, (n_items,), apart from the numbers `without`."""
        numbers, largest = best(scores, without, whole("n", n, 1))
        return Scored(self.ratings.item_ids[numbers], to_numpy(self.within(largest)))

    # ---- newcomers ----------------------------------------------------------------------------------------

    def fold_in(self, items: Any, values: Any) -> Guest:
        """Return a user who is not among the ratings, by their ratings of some items; nothing is fitted again.

        Parameters
        ----------
        items : sequence of ids
            Known ones, each once.
        values : sequence of numbers
            Their ratings.

        Raises
        ------
        TypeError, ValueError
            If there is no item, one is unknown or named twice, the two differ in length, or a value is not finite
            or not a rating for this model.

        Notes
        -----
        The bias and the factors minimize the model's own objective for fixed items.  A converged fit gives a user
        with these ratings the same.
        """
        numbers, values = self._opinions("item", self.ratings.item_ids, items, values)
        newcomer = self._newcomer(numbers, values, self.biases.item, self.factors.q, 0)
        return Guest(self, *self.folding.fold(newcomer), tuple(numbers.tolist()))

    def fold_in_item(self, users: Any, values: Any) -> NewItem:
        """Return an item that is not among the ratings, by some users' ratings of it; see `fold_in`."""
        numbers, values = self._opinions("user", self.ratings.user_ids, users, values)
        newcomer = self._newcomer(numbers, values, self.biases.user, self.factors.p, 1)
        return NewItem(self, *self.folding.fold(newcomer))

    def _opinions(self, name: str, ids: Any, others: Any, values: Any) -> tuple[Any, Any]:
        """Return the row numbers of the others and the values that count, host arrays."""
        numbers = known_places(name, ids, others)
        if not numbers.size:
            raise ValueError(f"{name}s must hold an id, got none")
        firsts: dict[int, int] = {}
        for row, number in enumerate(numbers.tolist()):
            if firsts.setdefault(number, row) != row:
                rows = f"rows {firsts[number]} and {row}"
                raise ValueError(f"{name}s must name each {name} once, got {ids[number]} in {rows}")
        values = as_values(list(values) if library_of(values) is None else values, numbers.size)
        check_size(values, of(self.biases.user))
        counts = self.folding.counts(values)
        return numbers[counts], values[counts]

    def _newcomer(self, numbers: Any, values: Any, biases: Array, factors: Array, side: int) -> Newcomer:
        home, xp = of(biases), namespace(biases)
        at = home.asarray(numbers)
        known = self.biases.mean + xp.take(biases, at)
        return Newcomer(home.asarray(values), known, xp.take(factors, at, axis=0), factors, side)

    # ---- helpers ------------------------------------------------------------------------------------------

    @cached_property
    def _range(self) -> tuple[float, float]:
        return float(self.ratings.values.min()), float(self.ratings.values.max())

    def _seen(self, number: int) -> list[int]:
        numbers: list[int] = self.ratings.items[self.ratings.users == number].tolist()
        return numbers

    def _scores(self, number: int) -> Array:
        """Return the scores of all items for a user's row number, or for a user never seen, -1."""
        biases, (p, q) = self.biases, self.factors
        if number < 0:
            return biases.mean + biases.item
        return biases.mean + biases.user[number] + biases.item + q @ p[number, :]
