"""What fitting returns: predictions, lists of items, similar items, and newcomers folded in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xpnet.backend import Array, library_of, namespace, of, to_numpy
from xpnet.checks import whole
from xpnet.data.ratings.columns import as_numbers, as_values
from xpnet.data.ratings.ids import as_ids, as_sequence, is_several, known_places
from xpnet.recommend.algorithms.bias import Biases
from xpnet.recommend.algorithms.observed import check_size
from xpnet.recommend.algorithms.plan import pairs
from xpnet.recommend.algorithms.problems import Factors
from xpnet.recommend.folding.newcomer import Folding, Newcomer
from xpnet.recommend.folding.updating import updated
from xpnet.recommend.lists.groups import items_in_groups
from xpnet.recommend.lists.listing import Lists, Scored
from xpnet.recommend.lists.making import lists_of_users
from xpnet.recommend.lists.ranking import nearest
from xpnet.recommend.lists.seen import Seen, seen_items
from xpnet.recommend.metrics.errors import rmse
from xpnet.recommend.newcomers import Guest, NewItem

USERS = 4096  # whose lists are held at a time


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
        user_numbers, item_numbers = self.ratings.numbers(users, items, same_kind=True)
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
        users, items = self.ratings.numbers(ratings.user_ids, ratings.item_ids, same_kind=True)
        found = to_numpy(self.predict_numbers(users[ratings.users], items[ratings.items]))
        return float(rmse(found.astype("float64"), ratings.values))

    def within(self, scores: Array) -> Array:
        """Return predictions kept within the range of the known ratings; preferences as they are."""
        if not self.bounded:
            return scores
        xp, (low, high) = namespace(scores), self._range
        return xp.minimum(xp.maximum(scores, low), high)

    # ---- lists --------------------------------------------------------------------------------------------

    def recommend(self, user: Any, n: int = 10, *, seen: bool = False) -> Any:
        """Return the n items that `user`, or each of many users, should like best, with the ratings expected.

        Parameters
        ----------
        user : an id, or a sequence or array of m ids
            For a user never seen, the items with the largest biases are listed.
        n : int
            Fewer are returned if there are no more.
        seen : bool
            Whether items that the user has rated may be listed, too.

        Returns
        -------
        Scored, or Lists for many users
            Of equal scores, the item with the smaller row number comes first.

        Examples
        --------
        >>> from xpnet.recommend import BiasModel, Ratings
        >>> model = BiasModel().fit(Ratings.of([1, 1, 2], [7, 8, 7], [5.0, 3.0, 4.0]))
        >>> [one.ids.tolist() for one in model.recommend([2, 1, 3], n=2)]
        [[8], [], [7, 8]]
        """
        many = is_several(user)
        ids = as_ids("users", as_sequence(user) if many else [user])
        numbers = self.ratings.numbers(ids, self.ratings.item_ids[:1], same_kind=True)[0]
        lists = self.listed(ids, numbers, n, None if seen else self._seen)
        return lists if many else lists[0]

    def recommend_blocks(self, users: Any, n: int = 10, *, seen: bool = False) -> Iterator[Lists]:
        """Yield the lists of `recommend` for some thousand users at a time, so that memory is bounded by the block.

        Parameters
        ----------
        users : sequence or array of m ids
        n, seen
            As for `recommend`.
        """
        ids, n = as_ids("users", as_sequence(users)), whole("n", n, 1)
        for start in range(0, ids.size, USERS):
            yield self.recommend(ids[start : start + USERS], n, seen=seen)

    def similar_items(self, item: Any, n: int = 10) -> Scored:
        """Return the n items whose factors have the largest cosines with those of `item`, itself first."""
        number = self.ratings.item_number(item)
        if not self.factors.q.shape[-1]:
            raise ValueError("the model must have factors to tell which items are similar; the bias model has none")
        numbers, cosines = (to_numpy(x) for x in nearest(self.factors.q, number, whole("n", n, 1)))
        return Scored(self.ratings.item_ids[numbers], cosines)

    def top_numbers(self, users: Any, n: int = 10, *, seen: bool = False) -> Any:
        """Return the row numbers of the n best items for each of m users' row numbers: (m, n), -1 for no item.

        The measures of lists compare this host array with the items that were held out.  The number -1 is a user
        never seen, as in `predict_numbers`.
        """
        users, n = as_numbers("users", users, self.ratings.n_users, least=-1), whole("n", n, 1)
        found, _ = lists_of_users(self.biases, self.factors, self._items, users, n, None if seen else self._seen)
        xp = namespace(found)
        return xp.concat([found, xp.full((users.size, n - found.shape[1]), -1, dtype=found.dtype)], axis=-1)

    def listed(
        self,
        ids: Any,
        users: Any,
        n: int,
        seen: Seen | None,
        biases: Biases | None = None,
        factors: Factors | None = None,
    ) -> Lists:
        """Return the lists of `users`, row numbers, (m,), with these ids: known ones, or guests with their factors."""
        known = (biases or self.biases, factors or self.factors)
        numbers, scores = lists_of_users(*known, self._items, users, whole("n", n, 1), seen)
        return Lists(ids, numbers, self.within(scores), self.ratings.item_ids)

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

    def update(self, ratings: Any, *, iterations: int = 3, seed: int = 0) -> "Recommender":
        """Return the recommender with new ratings added: newcomers are folded in, then all is improved a few times.

        Parameters
        ----------
        ratings : Ratings
            New ones, of known or new users and items; a pair that is known gets the new rating.
        iterations : int
            Iterations of all items for fixed users, then all users for fixed items, on all ratings.  0 fits users
            alone, for fixed items.
        seed : int
            Names the first factors of new items.

        Raises
        ------
        TypeError, ValueError
            If ids are of another kind than those known, or a value is not one for this model.

        Notes
        -----
        Lambda, the other settings and the number of factors stay.  The iterations minimize the model's own objective,
        and start where the last fit ended.

        Examples
        --------
        >>> from xpnet.recommend import ALS, Ratings
        >>> found = ALS(k=2, lam=1.0).fit(Ratings.of([1, 1, 2, 2], [7, 8, 7, 8], [5.0, 3.0, 4.0, 2.0]))
        >>> found.update(Ratings.of([3, 3], [7, 9], [5.0, 1.0])).recommend(2).ids.tolist()
        [9]
        """
        whole("iterations", iterations, 0)
        parts = (self.ratings, self.biases, self.factors, self.folding)
        together, biases, factors = updated(parts, ratings, iterations, whole("seed", seed, 0))
        return Recommender(together, biases, factors, self.folding, self.lam, bounded=self.bounded)

    # ---- helpers ------------------------------------------------------------------------------------------

    @cached_property
    def _range(self) -> tuple[float, float]:
        return float(self.ratings.values.min()), float(self.ratings.values.max())

    @cached_property
    def _items(self) -> Array:
        return items_in_groups(self.factors.q, self.biases.item)

    @cached_property
    def _seen(self) -> Seen:
        return seen_items(self.ratings)
