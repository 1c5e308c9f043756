"""Users and items that were folded in: a bias and factors beside a recommender's."""

from dataclasses import dataclass
from typing import Any

from xpnet.backend import Array, namespace, of
from xpnet.data.ratings.ids import known_places
from xpnet.recommend.lists.listing import Scored
from xpnet.recommend.lists.seen import Seen


@dataclass(frozen=True, eq=False)
class Guest:
    """A user folded in: a bias and factors beside a recommender's.

    Attributes
    ----------
    recommender : Recommender
    bias : Array, shape ()
        How far the user's ratings lie above the items', in the unit of the ratings.
    p : Array, shape (k,)
        Factors.
    items : tuple of int
        The numbers of the items that the user rated.
    """

    recommender: Any  # a Recommender, whose module imports this one
    bias: Array
    p: Array
    items: tuple[int, ...]

    def predict(self, items: Any) -> Array:
        """Return the ratings expected for items, by id."""
        found = self.recommender
        numbers = of(self.p).asarray(known_places("item", found.ratings.item_ids, items))
        return found.within(namespace(self.p).take(self._scores(), numbers))

    def recommend(self, n: int = 10, *, seen: bool = False) -> Scored:
        """Return the n items that the guest should like best; see `Recommender.recommend`."""
        found = self.recommender
        biases, factors = found.biases._replace(user=self.bias[None]), found.factors._replace(p=self.p[None, :])
        host = namespace(found.ratings.items)
        rated = host.asarray(() if seen else self.items, dtype=host.int64)
        rated = Seen(rated, host.asarray([0, rated.shape[0]]), found.ratings.n_items)
        return found.listed(host.asarray([0]), host.asarray([0]), n, rated, biases, factors)[0]

    def _scores(self) -> Array:
        biases, q = self.recommender.biases, self.recommender.factors.q
        return biases.mean + self.bias + biases.item + q @ self.p


@dataclass(frozen=True, eq=False)
class NewItem:
    """An item folded in: a bias and factors beside a recommender's.

    Attributes
    ----------
    recommender : Recommender
    bias : Array, shape ()
        How far the item's ratings lie above the users', in the unit of the ratings.
    q : Array, shape (k,)
        Factors.
    """

    recommender: Any  # a Recommender, whose module imports this one
    bias: Array
    q: Array

    def predict(self, users: Any) -> Array:
        """Return the ratings expected of users, by id."""
        found, xp = self.recommender, namespace(self.q)
        numbers = of(self.q).asarray(known_places("user", found.ratings.user_ids, users))
        scores = found.biases.mean + self.bias + found.biases.user + found.factors.p @ self.q
        return found.within(xp.take(scores, numbers))
