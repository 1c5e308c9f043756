"""Models fitted to small sets of ratings, and everything that can be asked of what comes back."""

from dataclasses import replace

import numpy as np
import pytest
from tools import assert_at_home

from xpnet.backend import get, to_numpy
from xpnet.recommend import ALS, BiasModel, ImplicitALS, MatrixFactorization, Ratings, SoftImpute


def made_up(seed=0, n_users=40, n_items=30, share=0.5):
    """Return ratings from 1 to 5 with biases and two hidden directions, users 100 on, items named."""
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((n_users, 2)) @ rng.standard_normal((2, n_items))
    size = 3 + 0.5 * rng.standard_normal((n_users, 1)) + 0.5 * rng.standard_normal(n_items) + taste
    users, items = np.nonzero(rng.random(size.shape) < share)
    names = np.asarray([f"item {i:02}" for i in range(n_items)])
    return Ratings.of(users + 100, names[items], np.clip(size[users, items], 1, 5))


MODELS = [BiasModel(), ALS(k=4, lam=1.0), SoftImpute(k=6, lam=2.0), SoftImpute(k=6, lam=2.0, debias=True)]


@pytest.fixture
def solving(backend):
    if not hasattr(backend.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    return backend


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_fit_better_the_more_they_may(solving, model):
    ratings = made_up()
    found = model.fit(ratings, solving)
    assert_at_home(solving, found.biases, found.factors)
    spread = ratings.values.std()
    assert found.rmse(ratings) < (0.98 if isinstance(model, BiasModel) else 0.6) * spread


def test_every_library_finds_the_same_and_lists_the_same(float64):
    if not hasattr(float64.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    ratings, home = made_up(), get("numpy", dtype="float64")
    soft, implicit = SoftImpute(k=6, lam=2.0, tol=1e-8, steps=300), ImplicitALS(k=4, lam=1.0, iterations=4)
    for model in (BiasModel(), ALS(k=4, lam=1.0), soft, implicit):
        ours, theirs = model.fit(ratings, float64), model.fit(ratings, home)
        users, items = ratings.user_ids[[0, 3, 7]], ratings.item_ids[[1, 5, 2]]
        np.testing.assert_allclose(to_numpy(ours.predict(users, items)), theirs.predict(users, items), atol=1e-6)
        numbers = np.arange(-1, ratings.n_users)
        np.testing.assert_array_equal(ours.top_numbers(numbers, 5), theirs.top_numbers(numbers, 5))


def test_biases_are_the_damped_means():
    ratings = Ratings.of([1, 1, 2], [7, 8, 7], [5.0, 3.0, 4.0])
    found = BiasModel(damping=(1.0, 2.0), sweeps=1).fit(ratings, get("numpy", dtype="float64"))
    mean = 4.0
    item = np.asarray([(1.0 + 0.0) / (2 + 2), -1.0 / (1 + 2)])
    user = np.asarray([(1.0 - item[0] - 1.0 - item[1]) / (2 + 1), (0.0 - item[0]) / (1 + 1)])
    np.testing.assert_allclose(found.biases.item, item)
    np.testing.assert_allclose(found.biases.user, user)
    assert found.predict([2], [8])[0] == pytest.approx(mean + user[1] + item[1])


def test_strangers_fall_back_to_what_is_known(solving):
    ratings = made_up()
    found = ALS(k=3, lam=1.0).fit(ratings, solving)
    biases = found.biases
    known_item, both = to_numpy(found.predict([-5, -5], ["item 03", "nothing"]))
    expected = float(to_numpy(biases.mean + biases.item[3]))
    assert known_item == pytest.approx(np.clip(expected, ratings.values.min(), ratings.values.max()), rel=1e-6)
    assert both == pytest.approx(float(to_numpy(biases.mean)), rel=1e-6)
    kind = int(np.argmax(to_numpy(biases.item)))
    assert found.recommend(-5, 1).ids.tolist() == [ratings.item_ids[kind]]


def test_predictions_stay_within_the_ratings_there_are(solving):
    ratings = made_up()
    found = SoftImpute(k=6, lam=0.5).fit(ratings, solving)
    users = np.repeat(ratings.user_ids, ratings.n_items)
    predicted = to_numpy(found.predict(users, np.tile(ratings.item_ids, ratings.n_users)))
    assert predicted.min() >= ratings.values.min() - 1e-6
    assert predicted.max() <= ratings.values.max() + 1e-6


def test_recommend_never_shows_what_was_seen_unless_asked(solving):
    ratings = made_up()
    found = ALS(k=3, lam=1.0).fit(ratings, solving)
    for number in range(5):
        user = ratings.user_ids[number]
        seen = set(ratings.item_ids[ratings.items[ratings.users == number]].tolist())
        listed = found.recommend(user, 1000)
        assert not seen & set(listed.ids.tolist())
        assert len(listed.ids) == ratings.n_items - len(seen)
        assert (np.diff(listed.scores) <= 0).all()
        predicted = to_numpy(found.predict([user] * len(listed.ids), listed.ids))
        np.testing.assert_allclose(listed.scores, predicted, rtol=1e-5)
        assert len(found.recommend(user, 1000, seen=True).ids) == ratings.n_items
    top = found.top_numbers([0, 1], 28)
    assert top.shape == (2, 28)
    assert ratings.item_ids[top[0, 0]] == found.recommend(ratings.user_ids[0], 1).ids[0]
    assert (top == -1).any()


def test_an_item_is_most_similar_to_itself(solving):
    found = ALS(k=3, lam=1.0).fit(made_up(), solving)
    similar = found.similar_items("item 05", 4)
    assert similar.ids[0] == "item 05"
    assert similar.scores[0] == 1.0
    assert (np.diff(similar.scores) <= 1e-6).all()
    with pytest.raises(ValueError, match="must have factors"):
        BiasModel().fit(made_up(), solving).similar_items("item 05")


def test_folding_in_somebody_known_gives_their_own_factors(float64):
    if not hasattr(float64.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    ratings = made_up()
    found = ALS(k=3, lam=2.0, iterations=200, tol=-1.0, biases=BiasModel(sweeps=200)).fit(ratings, float64)
    own = ratings.users == 4
    guest = found.fold_in(ratings.item_ids[ratings.items[own]], ratings.values[own])
    np.testing.assert_allclose(to_numpy(guest.p), to_numpy(found.factors.p)[4], atol=1e-8)
    assert float(to_numpy(guest.bias)) == pytest.approx(float(to_numpy(found.biases.user[4])), abs=1e-10)
    assert guest.recommend(5).ids.tolist() == found.recommend(ratings.user_ids[4], 5).ids.tolist()
    np.testing.assert_allclose(
        to_numpy(guest.predict(["item 00", "item 09"])),
        to_numpy(found.predict([ratings.user_ids[4]] * 2, ["item 00", "item 09"])),
        atol=1e-8,
    )
    own = ratings.items == 6
    item = found.fold_in_item(ratings.user_ids[ratings.users[own]], ratings.values[own])
    np.testing.assert_allclose(to_numpy(item.q), to_numpy(found.factors.q)[6], atol=1e-8)
    assert item.predict([100, 101]).shape == (2,)


def test_a_guest_of_the_bias_model_has_a_bias_alone(backend):
    found = BiasModel().fit(made_up(), backend)
    guest = found.fold_in(["item 01", "item 02"], [5.0, 5.0])
    assert float(to_numpy(guest.bias)) > 0.0
    assert "item 01" not in guest.recommend(30).ids.tolist()


def test_lambda_is_chosen_on_ratings_put_aside():
    ratings = made_up(n_users=80, n_items=60, share=0.3)
    train, test = ratings.split(0.2, 1)
    for model in (ALS(k=4), SoftImpute(k=10)):
        found = model.fit(train)
        assert found.lam > 0.0
        assert found.rmse(test) < 0.9 * BiasModel().fit(train).rmse(test)
    heard = []
    path = SoftImpute(k=10).path(train, progress=heard.append)
    assert heard == list(path[-1].history)
    ranks = [one.history[-1].rank for one in path]
    assert ranks == sorted(ranks)
    assert [point.lam for point in path[-1].history] == sorted((one.lam for one in path), reverse=True)


def test_models_tell_of_their_fit():
    ratings, heard = made_up(), []
    found = ALS(k=3, n_lambdas=4).fit(ratings, progress=heard.append)
    *path, last = heard
    assert len(path) == 4
    assert found.lam == last.lam == min(path, key=lambda point: point.validation).lam
    assert (last.validation, last.objective, last.steps) == (None, found.history[-1], len(found.history))
    heard.clear()
    found = SoftImpute(k=6, n_lambdas=4).fit(ratings, progress=heard.append)
    assert found.lam == min(heard[:4], key=lambda point: point.validation).lam
    assert [point.validation for point in heard[4:]] == [None] * len(found.history)
    for model in (ImplicitALS(k=2, iterations=3), MatrixFactorization(k=2, epochs=3)):
        heard.clear()
        found = model.fit(ratings, progress=heard.append)
        assert tuple(heard) == found.history


@pytest.mark.parametrize("model", [ALS(k=4, lam=1.0), ALS(k=4, lam=0.1, counted=True), ImplicitALS(k=4, lam=0.5)])
def test_conjugate_gradients_find_what_exact_solutions_find(solving, model):
    ratings = made_up()
    near, exact = (replace(model, cg_steps=steps).fit(ratings, solving) for steps in (3, None))
    assert near.history[-1] == pytest.approx(exact.history[-1], rel=1e-2)  # minima of several factors are several
    own = ratings.users == 4  # the last half of the last iteration is exact
    guest = near.fold_in(ratings.item_ids[ratings.items[own]], ratings.values[own])
    tolerance = 1e-9 if solving.dtype_name == "float64" else 1e-3
    np.testing.assert_allclose(to_numpy(guest.p), to_numpy(near.factors.p)[4], atol=tolerance)
    for wrong, error in ((0, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="cg_steps must be"):
            replace(model, cg_steps=wrong)


def test_the_order_of_the_rows_does_not_matter():
    ratings, home = made_up(), get("numpy", dtype="float64")
    shuffled = ratings.take(np.random.default_rng(0).permutation(ratings.n))
    for model in (BiasModel(), ALS(k=4, lam=1.0), SoftImpute(k=6, lam=2.0)):
        one, other = model.fit(ratings, home), model.fit(shuffled, home)
        ids = ratings.user_ids[:5], ratings.item_ids[:5]
        np.testing.assert_allclose(one.predict(*ids), other.predict(*ids), atol=1e-8)


@pytest.mark.parametrize(
    "options", [{"l2": 0.5}, {"penalty": "l21", "l1": 1.0, "l2": 0.5}, {"penalty": "max_norm", "max_norm": 2.0}]
)
def test_factorization_by_mini_batches_gives_a_recommender_like_the_others(options):
    ratings = made_up()
    found = MatrixFactorization(k=3, epochs=150, batch_size=64, eta=0.02, **options).fit(ratings)
    assert found.rmse(ratings) < 0.6 * ratings.values.std()
    assert len(found.history) == 150
    assert len(found.recommend(100, 5).ids) == 5
    guest = found.fold_in(["item 01", "item 04"], [5.0, 1.0])
    assert float(guest.predict(["item 01"])[0]) > float(guest.predict(["item 04"])[0])
    if "max_norm" in options:
        assert float(np.linalg.norm(found.factors.p, axis=1).max()) <= 2.0 + 1e-5
    with pytest.raises(ValueError, match="penalty must be frobenius, l21 or max_norm"):
        MatrixFactorization(penalty="l7")


def test_implicit_feedback_prefers_what_was_used(solving):
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 2, 40)
    likes = rng.random((40, 30)) < np.where(groups[:, None] == (np.arange(30) % 2), 0.5, 0.03)
    users, items = np.nonzero(likes)
    ratings = Ratings.of(users, items, rng.integers(1, 5, users.size))
    found = ImplicitALS(k=3, lam=0.5).fit(ratings, solving)
    falling = np.asarray(found.history)
    assert (np.diff(falling) <= 1e-4 * falling[0]).all()
    listed = ratings.item_ids[found.top_numbers(range(ratings.n_users), 3)]
    assert (listed % 2 == groups[ratings.user_ids][:, None]).mean() > 0.8  # chance would be 0.4: half are seen


def test_implicit_objective_is_that_of_all_pairs(float64, rng):
    if not hasattr(float64.xp, "linalg"):
        pytest.skip("needs the linear algebra extension")
    ratings = Ratings.of([0, 0, 0, 1, 2], [0, 1, 2, 1, 2], [1.0, 2.0, 0.5, 3.0, 1.0])  # user 0 in a block of width 4
    found = ImplicitALS(k=2, lam=0.3, alpha=2.0, iterations=1).fit(ratings, float64)
    p, q = (np.asarray(to_numpy(x)) for x in found.factors)
    c, t = np.ones((3, 3)), np.zeros((3, 3))
    c[ratings.users, ratings.items] += 2.0 * ratings.values
    t[ratings.users, ratings.items] = 1.0
    expected = (c * (t - p @ q.T) ** 2).sum() + 0.3 * ((p**2).sum() + (q**2).sum())
    assert found.history[0] == pytest.approx(expected, rel=1e-12)


def test_users_by_items_beyond_any_memory_are_no_matter():
    """A dense table of 300,000 by 300,000 would take 720 gigabytes."""
    n = 300_000
    users, items = np.asarray([0, 0, 5, 5, n - 1]), np.asarray([0, 7, 0, n - 1, 7])
    ratings = Ratings.numbered(users, items, [5.0, 3.0, 4.0, 2.0, 1.0], n, n)
    for model in (BiasModel(), ALS(k=2, lam=1.0), SoftImpute(k=2, lam=0.5), ImplicitALS(k=2)):
        found = model.fit(ratings)
        assert found.factors.p.shape[0] == n
        assert found.predict([5, 9], [n - 1, 9]).shape == (2,)
    assert found.top_numbers([], 3).shape == (0, 3)


def test_constant_ratings_and_a_single_user_have_answers(solving):
    constant = Ratings.of([1, 1, 2], [7, 8, 7], [4.0, 4.0, 4.0])
    single = Ratings.of([1, 1, 1], [7, 8, 9], [5.0, 3.0, 1.0])
    for model in (BiasModel(), ALS(k=2, lam=1.0), SoftImpute(k=2, lam=1.0)):
        assert to_numpy(model.fit(constant, solving).predict([2], [8])).tolist() == [4.0]
        found = model.fit(single, solving)
        assert float(to_numpy(found.predict([1], [7]))[0]) > float(to_numpy(found.predict([1], [9]))[0])


def test_bad_arguments_are_named():
    ratings = made_up()
    found = ALS(k=2, lam=1.0).fit(ratings)
    for call, words in [
        (lambda: ALS(lam=-1.0), "lam must be a finite number of at least 0"),
        (lambda: ALS(lam=0.0), "lam must be above 0"),
        (lambda: SoftImpute(lam=float("nan")), "lam must be a finite number"),
        (lambda: SoftImpute(k=0), "k must be at least 1"),
        (lambda: ALS(validation=1.0), "validation must be between 0 and 1"),
        (lambda: BiasModel(damping=(1.0, -1.0)), "damping must be a finite number of at least 0"),
        (lambda: ImplicitALS(alpha=0.0), "alpha must be a finite number above 0"),
        (lambda: ImplicitALS().fit(Ratings.of([1], [1], [-1.0])), "values must be at least 0"),
        (lambda: found.recommend(100, 0), "n must be at least 1"),
        (lambda: found.fold_in(["item 01"], [1.0, 2.0]), "values must have one entry a rating, 1, got 2"),
        (lambda: found.fold_in([], []), "items must hold an id, got none"),
        (lambda: found.fold_in_item([100, 101], [1.0]), "values must have one entry a rating, 2, got 1"),
        (lambda: found.fold_in_item([], []), "users must hold an id, got none"),
        (lambda: found.fold_in(["item 01", "item 04", "item 01"], [1.0, 2.0, 5.0]), "got item 01 in rows 0 and 2"),
        (lambda: found.fold_in_item([101, 101], [1.0, 1.0]), "users must name each user once, got 101 in rows 0 and 1"),
        (lambda: found.fold_in(["item 01"], [float("nan")]), "values must be finite"),
        (lambda: found.similar_items("nothing"), "nothing"),
    ]:
        with pytest.raises(ValueError, match=words):
            call()


def test_more_factors_than_items_are_no_matter(solving):
    ratings = made_up(n_users=6, n_items=4, share=0.9)
    for model in (ALS(k=20, lam=1.0), SoftImpute(k=20, lam=0.5)):
        assert model.fit(ratings, solving).rmse(ratings) < ratings.values.std()


def test_absurd_lambda_leaves_the_biases():
    ratings, home = made_up(), get("numpy", dtype="float64")
    plain = BiasModel().fit(ratings, home)
    for model in (ALS(k=3, lam=1e12), SoftImpute(k=3, lam=1e12)):
        found = model.fit(ratings, home)
        ids = ratings.user_ids[:4], ratings.item_ids[:4]
        np.testing.assert_allclose(found.predict(*ids), plain.predict(*ids), atol=1e-6)


# ---- row numbers, ids and shapes ----------------------------------------------------------------------------------


def test_row_numbers_out_of_range_are_refused_and_minus_one_is_a_stranger(solving):
    ratings = made_up()
    found = ALS(k=2, lam=1.0).fit(ratings, solving)
    stranger = found.recommend(-5, 3).ids
    assert ratings.item_ids[found.top_numbers([-1], 3)[0]].tolist() == stranger.tolist()
    n_users, n_items = ratings.n_users, ratings.n_items
    for users, items in [([n_users], [0]), ([-2], [0]), ([0], [n_items]), ([0], [-2]), ([0, 2**32], [0, 0])]:
        with pytest.raises(ValueError, match="must be between -1 and"):
            found.predict_numbers(users, items)
    for users in ([n_users], [-2], [0, 2**32]):
        with pytest.raises(ValueError, match="users must be between -1 and 39"):
            found.top_numbers(users, 3)
    for users in ([0.0], [True], ["a"]):
        with pytest.raises(TypeError, match="users must be whole numbers"):
            found.top_numbers(users, 3)
    with pytest.raises(ValueError, match="n must be at least 1"):
        found.top_numbers([0], 0)


def test_one_user_goes_with_many_items_and_many_users_with_one(solving):
    ratings = made_up()
    found = ALS(k=2, lam=1.0).fit(ratings, solving)
    for call, users, items in [
        (found.predict, ratings.user_ids[:5], ratings.item_ids[:5]),
        (found.predict_numbers, [0, 1, 2, -1, 4], [3, -1, 2, 1, 0]),
    ]:
        for one, many in [([users[2]] * 5, items), ([users[-1]] * 5, items)]:
            np.testing.assert_array_equal(to_numpy(call(one[:1], many)), to_numpy(call(one, many)))
        np.testing.assert_array_equal(to_numpy(call(users, items[1:2])), to_numpy(call(users, [items[1]] * 5)))
        assert to_numpy(call([], [])).shape == to_numpy(call(users[:1], [])).shape == (0,)
        with pytest.raises(ValueError, match="users must be as many as items, or one of them one, got 5 and 3"):
            call(users, items[:3])
        with pytest.raises(ValueError, match=r"users must have shape \(n,\)"):
            call(users[0], items)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint32", "int64", "uint64"])
def test_row_numbers_of_every_integer_dtype(backend, dtype):
    found = BiasModel().fit(made_up(), backend)
    users, items = (
        backend.xp.asarray(x, dtype=getattr(backend.xp, dtype), device=backend.device) for x in ([0, 4], [1, 2])
    )
    np.testing.assert_array_equal(
        to_numpy(found.predict_numbers(users, items)), to_numpy(found.predict_numbers([0, 4], [1, 2]))
    )
    assert found.top_numbers(users, 3).tolist() == found.top_numbers([0, 4], 3).tolist()
    people = backend.xp.asarray([100, 104], dtype=getattr(backend.xp, dtype), device=backend.device)
    assert to_numpy(found.fold_in_item(people, items).predict(people)).shape == (2,)
    assert to_numpy(found.predict(people, ["item 01"])).shape == (2,)


def test_other_ratings_are_met_by_their_ids():
    ratings = made_up()
    found = ALS(k=2, lam=1.0).fit(ratings)
    some = ratings.users > 20  # another table: other row numbers for the same ids
    other = Ratings.of(
        ratings.user_ids[ratings.users[some]], ratings.item_ids[ratings.items[some]], ratings.values[some]
    )
    assert other.n_users < ratings.n_users
    assert found.rmse(other) == pytest.approx(found.rmse(ratings.take(np.flatnonzero(some))), rel=1e-12)


def test_masked_arguments_are_refused_by_name():
    found = ALS(k=2, lam=1.0).fit(Ratings.numbered([0, 1, 1], [0, 1, 0], [1.0, 2.0, 3.0], 2, 2))
    masked = np.ma.masked_equal([0, 1], 1)
    for call, name in [
        (lambda: found.predict(masked, [0, 1]), "users"),
        (lambda: found.predict_numbers([0, 1], masked), "items"),
        (lambda: found.top_numbers(masked), "users"),
        (lambda: found.fold_in(masked, [1, 2]), "items"),
        (lambda: found.fold_in([0, 1], masked), "values"),
        (lambda: found.fold_in_item(masked, [1, 2]), "users"),
        (lambda: found.fold_in([0, 1], [1, 2]).predict(masked), "items"),
    ]:
        with pytest.raises(ValueError, match=f"{name} must not have masked entries"):
            call()


# ---- sizes --------------------------------------------------------------------------------------------------------

EVERY = [
    *(BiasModel(), ALS(k=2), ALS(k=2, lam=1.0), ALS(k=2, counted=True), SoftImpute(k=3), SoftImpute(k=3, lam=1.0)),
    *(SoftImpute(k=3, lam=1.0, debias=True), SoftImpute(k=3, lam=0.0), MatrixFactorization(k=2, epochs=2)),
]


@pytest.mark.parametrize("value", [3.0, 0.1, 1 / 3, 0.0, -0.3, 1e5])
def test_equal_ratings_are_predicted_by_every_model(value):
    """Constant but for rounding: nothing is left for factors, and no lambda can be chosen by it."""
    users, items = np.nonzero(np.random.default_rng(0).random((8, 6)) < 0.7)
    ratings = Ratings.numbered(users, items, np.full(users.size, value), 8, 6)
    for model in EVERY:
        for dtype in ("float32", "float64"):
            found = model.fit(ratings, get("numpy", dtype=dtype))
            np.testing.assert_allclose(found.predict_numbers(users, items), value, rtol=1e-6, atol=1e-6)
            guest = found.fold_in([0, 1], [value, value])
            np.testing.assert_allclose(guest.predict([2, 3]), value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("dtype", "scales"), [("float32", (2.0**-40, 2.0**40)), ("float64", (2.0**-300, 2.0**300))])
def test_ratings_in_another_unit_give_the_same_model_in_that_unit(dtype, scales):
    home, ratings = get("numpy", dtype=dtype), made_up(n_users=16, n_items=12)
    for make in (
        *(lambda lam: BiasModel(), lambda lam: ALS(k=3), lambda lam: ALS(k=3, counted=True)),
        *(lambda lam: ALS(k=3, lam=lam), lambda lam: ALS(k=3, lam=0.1 * lam, counted=True)),
        *(lambda lam: SoftImpute(k=4), lambda lam: SoftImpute(k=4, lam=lam, debias=True)),
    ):
        plain = make(1.0).fit(ratings, home)
        expected, error = plain.predict_numbers(ratings.users, ratings.items), plain.rmse(ratings)
        for scale in scales:
            scaled = Ratings.numbered(ratings.users, ratings.items, ratings.values * scale, 16, 12)
            found = make(scale).fit(scaled, home)
            predicted = found.predict_numbers(scaled.users, scaled.items)
            np.testing.assert_allclose(predicted / scale, expected, atol=1e-3 if dtype == "float32" else 1e-9)
            assert found.rmse(scaled) / scale == pytest.approx(error, rel=1e-3)


def test_ratings_too_large_or_too_small_to_square_are_refused_by_every_model():
    users, items = np.nonzero(np.random.default_rng(0).random((8, 6)) < 0.7)
    values = 1.0 + np.arange(users.size) % 5
    for dtype, scales in (("float32", (1e25, 1e39, 1e300)), ("float64", (1e170, 3e307))):
        for scale in scales:
            large = Ratings.numbered(users, items, values * scale, 8, 6)
            for model in (*EVERY, ImplicitALS(k=2)):
                with pytest.raises(ValueError, match=f"values must be at most .* in size in {dtype}, got"):
                    model.fit(large, get("numpy", dtype=dtype))
            small = Ratings.numbered(users, items, values / scale, 8, 6)
            for model in EVERY[:-1]:
                with pytest.raises(ValueError, match="values must be 0 or reach"):
                    model.fit(small, get("numpy", dtype=dtype))


@pytest.mark.parametrize("counted", [False, True])
def test_a_lambda_below_rounding_is_refused_and_never_gives_what_is_not_finite(solving, counted):
    ratings = made_up(n_users=12, n_items=9, share=0.4)  # rows with fewer ratings than factors
    for lam in (1e-12, 1e-30):
        lam = lam * 1e-12 if solving.dtype_name == "float64" else lam
        with pytest.raises(ValueError, match="lam must be"):
            ALS(k=8, lam=lam, counted=counted).fit(ratings, solving)


def test_numpys_scalars_are_settings_and_widen_nothing():
    ratings, one = made_up(n_users=12, n_items=9), np.float64(1.0)
    for model in (
        *(BiasModel(damping=(one, one)), ALS(k=np.int64(2), lam=one), ALS(k=2, lam=np.float32(1.0), counted=True)),
        *(SoftImpute(k=3, lam=one), ImplicitALS(k=2, lam=one, alpha=np.int8(2))),
        *(MatrixFactorization(k=2, l2=one, epochs=1), MatrixFactorization(k=2, max_norm=np.float32(1.0), epochs=1)),
    ):
        found = model.fit(ratings, get("numpy"))
        assert {str(x.dtype) for x in (*found.biases, *found.factors)} == {"float32"}
        guest = found.fold_in(ratings.item_ids[:3], [1, 2, 3])
        assert str(guest.predict(ratings.item_ids[3:5]).dtype) == "float32"
    for call in (lambda: ALS(lam="1"), lambda: ImplicitALS(alpha=True), lambda: BiasModel(damping=5.0)):
        with pytest.raises(TypeError, match=r"must be (a number|two numbers)"):
            call()
    with pytest.raises(ValueError, match="lam must be a finite number"):
        ALS(lam=10**400)


def test_a_small_lambda_is_no_harm_to_a_user_without_ratings(rng):
    users, items = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    ratings = Ratings.numbered(users, items, rng.uniform(1.0, 5.0, 30), n_users=7, n_items=5)
    found = ALS(2, lam=1e-20, iterations=3).fit(ratings, get("numpy", dtype="float64"))
    assert np.all(to_numpy(found.factors.p)[6] == 0.0)
