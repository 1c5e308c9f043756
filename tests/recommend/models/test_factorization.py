"""Matrix factorization by mini-batches: the training loop meets a model that is no network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import assert_close, no_looking, slope

from xpnet.backend import get, to_numpy
from xpnet.recommend.algorithms.biased_factors import BiasedFactors, sums_by_row
from xpnet.recommend.factorization import FactorModel
from xpnet.recommend.models.matrix_factorization import fit_factorization
from xpnet.training import adam, momentum, sgd, train
from xpnet.training.watching.stopping import no_improvement

N_USERS, N_ITEMS, K = 5, 4, 2
MODEL = FactorModel(N_USERS, N_ITEMS, K, mean=3.5)


def drawn(rng, m=12):
    """Return rows (user, item), of which users repeat and user 4 and item 3 are missing, and ratings (m, 1)."""
    x = np.stack([rng.integers(0, N_USERS - 1, m), rng.integers(0, N_ITEMS - 1, m)], axis=-1)
    return x, rng.uniform(1.0, 5.0, (m, 1))


def factors(rng):
    shapes = ((N_USERS, K), (N_ITEMS, K), (N_USERS,), (N_ITEMS,))
    return BiasedFactors(*(rng.standard_normal(shape) for shape in shapes))


def moved(backend, tree):
    return BiasedFactors(*(backend.asarray(x) for x in tree))


def by_loops(parameters, x, y, weights=None):
    """Return the gradients, one rating after the other."""
    found = BiasedFactors(*(np.zeros_like(w) for w in parameters))
    for j, ((u, i), (rating,)) in enumerate(zip(x, y, strict=True)):
        z = 3.5 + parameters.user[u] + parameters.item[i] + parameters.p[u] @ parameters.q[i]
        e = (z - rating) / len(x) * (1.0 if weights is None else weights[j])
        found.p[u] += e * parameters.q[i]
        found.q[i] += e * parameters.p[u]
        found.user[u] += e
        found.item[i] += e
    return found


# ---- gradients --------------------------------------------------------------------------------------------------


def test_backward_equals_a_plain_loop_over_the_ratings(backend, rng):
    (x, y), parameters, weights = drawn(rng), factors(rng), rng.uniform(0.5, 1.5, 12)
    rows = backend.asarray(x.astype("float64"))  # as a step gives them
    for given_weights in (None, weights):
        on_device = None if given_weights is None else backend.asarray(given_weights)
        with no_looking(backend):
            found, z = MODEL.backward(moved(backend, parameters), rows, backend.asarray(y), (), on_device)
        for actual, expected in zip(found, by_loops(parameters, x, y, given_weights), strict=True):
            assert_close(backend, actual, expected, "product")
    assert_close(backend, z[:, 0], [3.5 + sum(parameters[2 + s][r[s]] for s in (0, 1))
                                    + parameters.p[r[0]] @ parameters.q[r[1]] for r in x], "product")  # fmt: skip


def test_backward_equals_finite_differences(rng):
    (x, y), parameters = drawn(rng), factors(rng)
    gradients, _ = MODEL.backward(parameters, x, y)
    for name in BiasedFactors._fields:
        u = rng.standard_normal(getattr(parameters, name).shape)

        def cost(w, name=name):
            return float(np.mean(MODEL.measure(MODEL.outputs(parameters._replace(**{name: w}), x), y)[0]))

        expected = slope(cost, getattr(parameters, name), u)
        assert np.sum(getattr(gradients, name) * u) == pytest.approx(expected, rel=1e-6)


def test_a_user_who_rates_twice_gets_the_sum_of_both_pulls(backend):
    model = FactorModel(2, 2, 1)
    given_factors = moved(backend, ([[1.0], [1.0]], [[2.0], [3.0]], [0.0, 0.0], [0.0, 0.0]))
    x, y = backend.asarray([[0, 0], [0, 1]]), backend.asarray([[0.0], [1.0]])  # errors 2 and 2
    found, _ = model.backward(given_factors, x, y)
    assert_close(backend, found.p, [[(2 * 2 + 2 * 3) / 2], [0.0]])
    assert_close(backend, found.q, [[1.0], [1.0]])
    assert_close(backend, found.user, [2.0, 0.0])
    assert_close(backend, found.item, [1.0, 1.0])


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 9))
def testsums_by_row_equal_the_one_hot_product(seed, m, n):
    rng = np.random.default_rng(seed)
    rows, values = rng.integers(0, n, m), rng.standard_normal((m, 3))
    expected = (rows[None, :] == np.arange(n)[:, None]).astype("float64") @ values
    np.testing.assert_allclose(sums_by_row(rows, values, n), expected, atol=1e-13)


def test_sums_of_float32_are_accumulated_in_float64():
    rows = np.asarray([0] * 4000 + [1])
    values = np.asarray([[1e6]] * 4000 + [[0.1]], dtype="float32")
    assert sums_by_row(rows, values, 2)[1, 0] == pytest.approx(0.1, rel=1e-5)


# ---- training ---------------------------------------------------------------------------------------------------


def test_training_goes_as_a_plain_loop_of_gradient_descent(float64, rng):
    (x, y), parameters = drawn(rng), factors(rng)
    result = train(
        MODEL, (x, y), epochs=3, batch_size=None, optimizer=sgd(eta=0.1), parameters=parameters, backend=float64
    )
    for _ in range(3):
        parameters = BiasedFactors(*(w - 0.1 * g for w, g in zip(parameters, by_loops(parameters, x, y), strict=True)))
    for actual, expected in zip(result.parameters, parameters, strict=True):
        assert_close(float64, actual, expected, "training")


def test_every_library_trains_alike(float64, rng):
    x, y = drawn(rng)
    options = {"epochs": 3, "batch_size": 5, "optimizer": adam(eta=0.05), "l2": 0.3, "max_norm": 0.2, "seed": 7}
    expected = train(MODEL, (x, y), backend=get("numpy", dtype="float64"), **options)
    found = train(MODEL, (x, y), validation=(x, y), backend=float64, **options)
    for actual, reference in zip(found.parameters, expected.parameters, strict=True):
        assert_close(float64, actual, reference, "training")
    assert found.history[-1].cost == pytest.approx(expected.history[-1].cost, rel=1e-10)
    assert found.history[-1].validation_accuracy is None


def test_a_weight_of_two_is_the_rating_twice(rng):
    x, y = drawn(rng)
    options = {"epochs": 2, "batch_size": None, "optimizer": sgd(eta=0.1), "l2": 0.5}
    home = get("numpy", dtype="float64")
    weighted = train(MODEL, (x, y), sample_weight=[2.0] + [1.0] * 11, backend=home, **options)
    twice = train(MODEL, (np.concat([x[:1], x]), np.concat([y[:1], y])), backend=home, **options)
    for a, b in zip(weighted.parameters, twice.parameters, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-14)


def planted(rng, n_users=60, n_items=50, share=0.5):
    """Return ratings of a matrix of biases and rank 2: those seen and those not."""
    p, q = rng.standard_normal((n_users, 2)), rng.standard_normal((n_items, 2))
    z = 3.0 + 0.5 * rng.standard_normal((n_users, 1)) + 0.5 * rng.standard_normal((1, n_items)) + p @ q.T
    seen = rng.random(z.shape) < share
    return [(*np.nonzero(mask), z[mask]) for mask in (seen, ~seen)]


def test_fit_factorization_recovers_a_planted_matrix(rng):
    seen, unseen = planted(rng)
    result = fit_factorization(
        *seen, 60, 50, k=2, epochs=60, batch_size=100, optimizer=adam(eta=0.02), l2=0.01, validation=unseen, seed=1
    )
    z = result.network.predict(result.best_parameters, np.stack(unseen[:2], axis=-1))
    assert np.sqrt(np.mean((z - unseen[2]) ** 2)) < 0.02
    assert np.std(unseen[2]) > 1.0
    assert result.history[-1].validation_cost == pytest.approx(0.5 * np.mean((z - unseen[2]) ** 2), rel=1.0)


def test_fit_factorization_is_train_around_the_mean(rng):
    x, y = drawn(rng)
    home, options = get("numpy", dtype="float64"), {"epochs": 2, "batch_size": 5, "l2": 3.0, "seed": 4}
    found = fit_factorization(x[:, 0], x[:, 1], y[:, 0], N_USERS, N_ITEMS, k=K, backend=home, **options)
    model = FactorModel(N_USERS, N_ITEMS, K, mean=float(y.mean()))
    expected = train(model, (x, y), optimizer=adam(eta=0.005), backend=home, **options)
    for a, b in zip(found.parameters, expected.parameters, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-14)


def test_fit_factorization_hands_the_options_on(rng):
    seen, unseen = planted(rng)
    result = fit_factorization(
        *seen, 60, 50, k=3, epochs=50, optimizer=momentum(eta=1e-9), validation=unseen, stopping=no_improvement(2)
    )
    assert result.stopped_by == "no_improvement"
    assert result.network.mean == pytest.approx(seen[2].mean())


# ---- penalties and limits -----------------------------------------------------------------------------------------


def test_penalize_adds_the_frobenius_norms_gradient_and_leaves_biases_alone(backend, rng):
    parameters = factors(rng)
    zero = moved(backend, (np.zeros_like(w) for w in parameters))
    found = MODEL.penalize(zero, moved(backend, parameters), 10, 0.0, 4.0)
    assert_close(backend, found.p, 0.4 * parameters.p)
    assert_close(backend, found.q, 0.4 * parameters.q)
    assert_close(backend, found.user, np.zeros(N_USERS))
    assert_close(backend, found.item, np.zeros(N_ITEMS))


def test_penalize_adds_the_gradient_of_the_joint_columns_norms(backend, rng):
    model = FactorModel(N_USERS, N_ITEMS, K, penalty="l21")
    given_factors = factors(rng)
    given_factors.p[:, 1] = given_factors.q[:, 1] = 0.0  # a factor that is off stays off
    zero = moved(backend, (np.zeros_like(w) for w in given_factors))
    found = model.penalize(zero, moved(backend, given_factors), 10, 5.0, 0.0)
    norm = np.sqrt(np.sum(given_factors.p[:, 0] ** 2) + np.sum(given_factors.q[:, 0] ** 2))
    assert_close(backend, found.p, 0.5 * given_factors.p / norm)
    assert_close(backend, found.q, 0.5 * given_factors.q / norm)


def test_the_joint_columns_norms_put_out_the_factors_that_explain_nothing(rng):
    seen, _ = planted(rng)
    options = {"k": 5, "epochs": 60, "batch_size": 100, "optimizer": adam(eta=0.02), "l2": 0.0}
    w = fit_factorization(*seen, 60, 50, penalty="l21", l1=10.0, **options).parameters
    norms = np.sort(np.sqrt(np.sum(w.p**2, axis=0) + np.sum(w.q**2, axis=0)))
    assert norms[2] < 0.01 * norms[3]  # the planted rank is 2


def test_constrain_shortens_only_the_rows_that_are_too_long(backend):
    model = FactorModel(2, 1, 2)
    found = model.constrain(moved(backend, ([[3.0, 4.0], [0.3, 0.4]], [[0.0, 0.0]], [9.0, 9.0], [9.0])), 1.0)
    assert_close(backend, found.p, [[0.6, 0.8], [0.3, 0.4]])
    assert_close(backend, found.q, [[0.0, 0.0]])
    assert_close(backend, found.user, [9.0, 9.0])


def test_max_norm_holds_for_every_row_after_training(rng):
    seen, _ = planted(rng)
    w = fit_factorization(*seen, 60, 50, k=3, epochs=5, penalty="max_norm", l2=0.0, max_norm=0.15).parameters
    lengths = np.concat([np.linalg.norm(x, axis=1) for x in w[:2]])
    assert lengths.max() == pytest.approx(0.15, rel=1e-5)


@pytest.mark.parametrize(("penalty", "strengths"), [("frobenius", {"l1": 1.0}), ("max_norm", {"l2": 1.0})])
def test_a_strength_that_the_penalty_does_not_take_is_refused(penalty, strengths):
    model = FactorModel(2, 2, 1, penalty=penalty)
    with pytest.raises(ValueError, match=f"must be 0 for penalty '{penalty}', got 1.0"):
        train(model, ([[0, 1]], [3.0]), epochs=1, **strengths)


# ---- what it accepts ----------------------------------------------------------------------------------------------


def test_initialize_gives_small_factors_and_no_biases(backend):
    w = FactorModel(300, 200, 4).initialize(backend, seed=3)
    assert_close(backend, w.p, 0.1 * np.random.default_rng(3).standard_normal((300, 4)))
    assert float(to_numpy(w.q).std()) == pytest.approx(0.1, rel=0.1)
    assert_close(backend, w.user, np.zeros(300))
    assert_close(backend, w.item, np.zeros(200))


def test_row_numbers_and_ratings_of_any_kind_are_taken(backend):
    for x in (np.asarray([[0, 3], [4, 0]], dtype="uint32"), [[0, 3], [4, 0]]):
        rows, y = MODEL.examples(x, np.asarray([5, 1], dtype="uint8"), backend)
        assert to_numpy(rows).tolist() == [[0, 3], [4, 0]]
        assert_close(backend, y, [[5.0], [1.0]])


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([[0, 0], [5, 0]], [1.0, 2.0], ValueError, "x must hold users between 0 and 4, got 5 in row 1"),
        ([[0, 4]], [1.0], ValueError, "x must hold items between 0 and 3, got 4 in row 0"),
        ([[-1, 0]], [1.0], ValueError, "x must hold users between 0 and 4, got -1 in row 0"),
        ([[2**32, 0]], [1.0], ValueError, "got 4294967296 in row 0"),
        ([[0.0, 1.0]], [1.0], TypeError, "x must hold whole row numbers"),
        ([[0, 1, 2]], [1.0], ValueError, r"x must have shape \(n, 2\)"),
        ([[0, 1]], [1.0, 2.0], ValueError, "y must have shape"),
        ([[0, 1]], [float("nan")], ValueError, "y must be finite"),
    ],
)
def test_examples_that_make_no_sense_are_refused(x, y, error, message):
    with pytest.raises(error, match=message):
        train(MODEL, (x, y))


def test_more_rows_than_float32_can_number_are_refused():
    with pytest.raises(ValueError, match="n_users must be at most 16777216 in float32, got 16777217: use float64"):
        FactorModel(2**24 + 1, 1, 1).examples([[0, 0]], [1.0], get("numpy"))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 4, 2), ValueError, "n_users must be"),
        ((5, 4, 1.5), TypeError, "k must be a whole number"),
        ((5, 4, 2, float("inf")), ValueError, "mean must be finite"),
        ((5, 4, 2, "3"), TypeError, "mean must be a number"),
        ((5, 4, 2, 0.0, "nuclear"), ValueError, "penalty must be one of frobenius, l21, max_norm, got 'nuclear'"),
    ],
)
def test_descriptions_that_make_no_sense_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        FactorModel(*arguments)


def test_parameters_of_another_model_are_refused(rng):
    w = factors(rng)
    with pytest.raises(ValueError, match=r"parameters.q must have shape \(4, 2\), got \(3, 2\)"):
        MODEL.predict(w._replace(q=w.q[:3]), [[0, 0]])
    with pytest.raises(TypeError, match="parameters must be BiasedFactors, got tuple"):
        MODEL.check(tuple(w))


@pytest.mark.parametrize(
    ("users", "items", "values", "error", "message"),
    [
        ([], [], [], ValueError, "values must hold a rating, got none"),
        ([0], [0], [float("nan")], ValueError, "values must be finite, got nan in row 0"),
        ([0], [0], [[1.0]], ValueError, r"values must have shape \(n,\), got \(1, 1\)"),
        ([0, 1], [0], [1.0, 2.0], ValueError, "items must have one entry a rating, 2, got 1"),
        ([0, -1], [0, 0], [1.0, 2.0], ValueError, "users must be between 0 and 1, got -1 in row 1"),
        ([0, 1], [0, 1], [1.0, 2.0], ValueError, "items must be between 0 and 0, got 1 in row 1"),
        ([0.0, 1.0], [0, 0], [1.0, 2.0], TypeError, "users must be whole numbers, got float64"),
        ([0, 1], [0, 0], [1.0, 1e30], ValueError, r"values must be at most 3e\+15 in size in float32, got 1e\+30"),
    ],
)
def test_columns_that_make_no_sense_are_refused(users, items, values, error, message):
    with pytest.raises(error, match=message):
        fit_factorization(users, items, values, 2, 1)


def test_columns_of_any_integer_dtype_and_sign_train_alike(rng):
    x, y = drawn(rng)
    options = {"k": K, "epochs": 1, "batch_size": None}
    expected = fit_factorization(x[:, 0], x[:, 1], y[:, 0], N_USERS, N_ITEMS, **options)
    for one, other in [("int8", "uint64"), ("uint64", "int64"), ("uint16", "int32")]:
        columns = x[:, 0].astype(one), x[:, 1].astype(other)
        found = fit_factorization(*columns, y[:, 0], N_USERS, N_ITEMS, **options)
        np.testing.assert_array_equal(found.parameters.p, expected.parameters.p)


def test_masked_rows_are_refused():
    x = np.ma.masked_equal([[0, 1], [4, 0]], 4)
    with pytest.raises(ValueError, match=r"x must not have masked entries, got 1; fill"):
        MODEL.examples(x, [1.0, 2.0], get("numpy"))
