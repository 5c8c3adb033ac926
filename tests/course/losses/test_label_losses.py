"""Losses over label maps: NumPy loops, Keras, scikit-learn, and laws."""

import functools

import keras
import numpy as np
import pytest
from keras import ops
from sklearn.metrics import jaccard_score

from course import losses
from course.gradients import differentiated, value_and_gradients
from tests.compiled import compiled

VOID = 255


def crossentropy(truth, scores):
    return focal(truth, scores, gamma=0)


def focal(truth, scores, gamma=2.0):
    right = np.array([scores[i, t] for i, t in enumerate(truth)])
    return -((1 - right) ** gamma) * np.log(right)


def counts(truth, scores, c):
    pairs = list(zip(truth, scores[:, c], strict=True))
    right = sum(p for t, p in pairs if t == c)
    claimed = sum(p for t, p in pairs if t != c)
    missed = sum(1 - p for t, p in pairs if t == c)
    return right, claimed, missed


def over_classes(loss, truth, scores, present=False, ignored=None):
    found = [
        loss(truth, scores, c)
        for c in range(scores.shape[-1])
        if c != ignored and (not present or c in truth)
    ]
    return np.mean(found) if found else 0.0


def tversky(truth, scores, c, alpha=0.5, beta=0.5, smooth=1.0):
    right, claimed, missed = counts(truth, scores, c)
    below = right + alpha * claimed + beta * missed + smooth
    return 1 - (right + smooth) / below if below else 0.0


def dice(truth, scores, c, smooth=1.0, power=1):
    right = counts(truth, scores, c)[0]
    below = sum(t == c for t in truth) + (scores[:, c] ** power).sum() + smooth
    return 1 - (2 * right + smooth) / below if below else 0.0


def generalized_dice(truth, scores):
    sizes = [(truth == c).sum() for c in range(scores.shape[-1])]
    weights = [1 / size**2 if size else 0.0 for size in sizes]
    weights = [w if w else max(weights) for w in weights]
    shared = both = 0.0
    for c, (size, weight) in enumerate(zip(sizes, weights, strict=True)):
        shared += weight * counts(truth, scores, c)[0]
        both += weight * (size + scores[:, c].sum())
    return 1 - 2 * shared / both if both else 0.0


def lovasz(truth, scores, c):
    """Equation 9: errors times what each adds to the Jaccard loss."""
    errors = np.abs((truth == c) - scores[:, c])
    order = sorted(range(len(truth)), key=lambda i: -errors[i])
    total, before, wrong = 0.0, 0.0, set()
    for i in order:
        wrong.add(i)
        missed = sum(truth[j] == c for j in wrong)
        union = sum(truth == c) + len(wrong) - missed
        jaccard = len(wrong) / union
        total += errors[i] * (jaccard - before)
        before = jaccard
    return total


def of_classes(loss, present=False, **options):
    return functools.partial(
        over_classes, functools.partial(loss, **options), present=present
    )


CASES = {
    "crossentropy": (losses.PixelCrossentropy, {}, crossentropy),
    "focal": (losses.PixelFocal, {}, focal),
    "focal slow": (
        losses.PixelFocal,
        {"gamma": 0.5},
        functools.partial(focal, gamma=0.5),
    ),
    "dice": (losses.Dice, {}, of_classes(dice)),
    "dice rough": (losses.Dice, {"smooth": 0}, of_classes(dice, smooth=0)),
    "dice squared": (
        losses.Dice,
        {"squared": True, "smooth": 0.1},
        of_classes(dice, power=2, smooth=0.1),
    ),
    "dice present": (
        losses.Dice,
        {"classes": "present"},
        of_classes(dice, present=True),
    ),
    "dice without background": (
        losses.Dice,
        {"ignore_class": 0},
        functools.partial(over_classes, dice, ignored=0),
    ),
    "tversky": (
        losses.Tversky,
        {"alpha": 0.3, "beta": 0.7, "smooth": 0.5},
        of_classes(tversky, alpha=0.3, beta=0.7, smooth=0.5),
    ),
    "generalized dice": (losses.GeneralizedDice, {}, generalized_dice),
    "lovasz": (
        losses.LovaszSoftmax,
        {"per_image": True},
        of_classes(lovasz, present=True),
    ),
    "lovasz all": (
        losses.LovaszSoftmax,
        {"per_image": True, "classes": "all"},
        of_classes(lovasz),
    ),
}
OF_PIXELS = ("crossentropy", "focal", "focal slow")
ONE_A_KIND = (
    "crossentropy",
    "focal",
    "dice",
    "tversky",
    "generalized dice",
    "lovasz",
)
EACH = pytest.mark.parametrize("name", ONE_A_KIND)


def make(name, **options):
    kind, given, _ = CASES[name]
    return kind(**{"ignore_class": VOID, **given, **options})


def data(seed=0, size=(5, 3), classes=4, images=3, void=VOID):
    """Labels with void and without class 3; probabilities and logits."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes - 1, (images, *size))
    labels[rng.uniform(size=labels.shape) < 0.2] = void
    logits = rng.normal(size=(*labels.shape, classes)).astype("float32")
    scores = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return labels, scores, logits


def expected(name, labels, scores):
    """One loss a pixel that counts, or one an image, by loops."""
    options, oracle = CASES[name][1:]
    found = []
    for truth, p in zip(labels, scores, strict=True):
        valid = (truth != VOID) & (truth != options.get("ignore_class", VOID))
        found.append(oracle(truth[valid], p[valid].astype("float64")))
    return np.concatenate(found) if name in OF_PIXELS else np.array(found)


def to_numpy(value):
    return np.asarray(ops.convert_to_numpy(value))


def one_hot(labels, classes=4):
    return (labels[..., None] == np.arange(classes)).astype("float32")


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_loops(name):
    loss = make(name)
    labels, scores, logits = data(void=loss.ignore_class)
    wanted = expected(name, labels, scores)
    assert float(loss(labels, scores)) == pytest.approx(wanted.mean(), 1e-5)
    for truth in (labels[..., None], one_hot(labels)):
        got = float(loss(truth, scores))
        assert got == pytest.approx(wanted.mean(), rel=1e-5)
    got = float(make(name, from_logits=True)(labels, logits))
    assert got == pytest.approx(wanted.mean(), rel=1e-5)
    got = float(make(name, reduction="sum")(labels, scores))
    assert got == pytest.approx(wanted.sum(), rel=1e-5)
    got = to_numpy(make(name, reduction=None)(labels, scores))
    if name in OF_PIXELS:
        assert (got[labels == VOID] == 0).all()
        got = got[labels != VOID]
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*ONE_A_KIND, "dice without background"])
def test_whatever_is_predicted_where_nothing_counts(name):
    loss = make(name, from_logits=True)
    labels, _, logits = data(void=loss.ignore_class)
    void = labels == loss.ignore_class
    before = float(loss(labels, logits))
    look = differentiated(lambda x: loss(labels, x))
    for wild in (-np.inf, np.nan):
        value, (gradient,) = look(np.where(void[..., None], wild, logits))
        assert value == pytest.approx(before, rel=1e-6)
        assert np.isfinite(gradient).all()
        assert (gradient[void] == 0).all()


@EACH
@pytest.mark.parametrize(
    ("from_logits", "reduction"),
    [(False, "mean"), (True, "mean_with_sample_weight")],
)
def test_nothing_counts(name, from_logits, reduction):
    _, scores, logits = data()
    loss = make(name, from_logits=from_logits, reduction=reduction)
    labels = np.full(scores.shape[:-1], loss.ignore_class)
    value, (gradient,) = value_and_gradients(
        lambda x: loss(labels, x), logits if from_logits else scores
    )
    assert value == 0
    assert (gradient == 0).all()


@pytest.mark.parametrize("name", [*ONE_A_KIND, "dice rough"])
def test_certain_and_right_costs_nothing(name):
    labels, _, _ = data()  # class 3 is rightly seen nowhere
    labels[labels == VOID] = 0
    value, (gradient,) = value_and_gradients(
        lambda x: make(name)(labels, x), one_hot(labels)
    )
    assert value == pytest.approx(0, abs=1e-6)
    assert np.isfinite(gradient).all()


@EACH
def test_gradients_are_differences(name):
    labels, _, logits = data(seed=3)
    loss = make(name, from_logits=True, reduction="sum")
    _, (gradient,) = value_and_gradients(lambda x: loss(labels, x), logits)
    # some way up: elsewhere slopes cancel
    direction = gradient * np.random.default_rng(4).uniform(
        size=gradient.shape
    ).astype("float32")
    direction /= np.abs(direction).max()
    step = 2e-3
    ends = [float(loss(labels, logits + s * direction)) for s in (step, -step)]
    slope = (ends[0] - ends[1]) / (2 * step)
    assert (gradient * direction).sum() == pytest.approx(slope, rel=2e-2)
    assert slope > 0.01


@pytest.mark.parametrize("name", ["focal", "dice", "lovasz"])
def test_half_precision_is_summed_in_float32(name):
    """More pixels of a class than float16 has numbers, let alone squares."""
    labels, _, logits = data(size=(600, 150), images=1)
    logits = ops.cast(logits, "float16")
    loss = make(name, from_logits=True)
    run = compiled(loss)
    got = run(labels, logits)
    assert keras.backend.standardize_dtype(got.dtype) == "float32"
    wanted = float(run(labels, ops.cast(logits, "float32")))
    assert float(got) == pytest.approx(wanted, rel=1e-6)
    assert np.isfinite(float(got))


@EACH
def test_weights_of_images(name):
    """As many images as columns, which must not be confused."""
    labels, scores, _ = data()
    weights = np.array([0.5, 0.0, 2.0], "float32")
    alone = [expected(name, labels[[i]], scores[[i]]).sum() for i in range(3)]
    wanted = float(np.dot(alone, weights))
    for given in (weights, weights[:, None]):
        got = float(make(name, reduction="sum")(labels, scores, given))
        assert got == pytest.approx(wanted, rel=1e-5)
    count = (labels != VOID).sum() if name in OF_PIXELS else 3
    got = float(make(name)(labels, scores, weights))
    assert got == pytest.approx(wanted / count, rel=1e-5)
    per_image = (labels != VOID).sum((1, 2)) if name in OF_PIXELS else 1
    got = float(
        make(name, reduction="mean_with_sample_weight")(labels, scores, weights)
    )
    total = (per_image * weights).sum()
    assert got == pytest.approx(wanted / total, rel=1e-5)


@pytest.mark.parametrize("name", ["crossentropy", "focal"])
def test_weights_of_pixels_and_classes(name):
    labels, scores, _ = data()
    valid = labels != VOID
    pixels = np.random.default_rng(7).uniform(size=labels.shape)
    classes = np.array([0.5, 1.0, 0.0, 3.0])
    wanted = expected(name, labels, scores) * classes[labels[valid]]
    loss = make(name, class_weights=classes)
    assert float(loss(labels, scores)) == pytest.approx(wanted.mean(), 1e-5)
    # torch divides by the weights of the pixels' classes
    torchs = make(
        name, class_weights=classes, reduction="mean_with_sample_weight"
    )
    total = classes[labels[valid]].sum()
    got = float(torchs(labels, scores))
    assert got == pytest.approx(wanted.sum() / total, rel=1e-5)
    wanted = wanted * pixels[valid]
    for given in (pixels, pixels[..., None]):
        got = float(loss(labels, scores, given))
        assert got == pytest.approx(wanted.mean(), rel=1e-5)


@pytest.mark.parametrize("kind", [losses.Dice, losses.Tversky])
def test_weights_of_classes_in_regions(kind):
    labels, scores, _ = data()
    alone = [
        float(kind(ignore_class=VOID, class_weights=row)(labels, scores))
        for row in np.eye(4)
    ]
    weights = [1.0, 0.0, 2.0, 0.5]
    loss = kind(ignore_class=VOID, class_weights=weights)
    wanted = np.dot(alone, weights) / 3.5
    assert float(loss(labels, scores)) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("name", ["dice", "tversky", "lovasz"])
def test_all_images_as_one_region(name):
    labels, scores, _ = data()
    loss = make(name, per_image=False, reduction=None)
    got = to_numpy(loss(labels, scores))
    long = labels.reshape(1, -1), scores.reshape(1, -1, 4)
    np.testing.assert_allclose(got, expected(name, *long), rtol=1e-5)
    with pytest.raises(ValueError, match=r"one loss for all images.*per_image"):
        loss(labels, scores, np.ones(3))


def test_without_anything_to_ignore_they_are_keras():
    labels, scores, logits = data()
    labels[labels == VOID] = 3
    pairs = [
        (
            losses.PixelCrossentropy(from_logits=True),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            (labels, logits),
        ),
        (
            losses.PixelCrossentropy(),
            keras.losses.CategoricalCrossentropy(),
            (one_hot(labels), scores),
        ),
        (
            losses.PixelFocal(gamma=1.5),
            keras.losses.CategoricalFocalCrossentropy(alpha=1, gamma=1.5),
            (one_hot(labels), scores),
        ),
    ]
    for ours, keras_own, given in pairs:
        wanted = float(keras_own(*given))
        assert float(ours(*given)) == pytest.approx(wanted, rel=1e-5)


def test_overlap_is_keras_class_by_class():
    """Keras's alpha weighs what is missed, ours what is claimed wrongly."""
    labels, scores, _ = data()
    labels[labels == VOID] = 3
    truth = one_hot(labels)
    dices = keras.losses.dice(truth, scores, axis=(0, 1, 2))
    tverskys = keras.losses.tversky(
        truth, scores, alpha=0.7, beta=0.3, axis=(0, 1, 2)
    )
    options = {"smooth": 0, "per_image": False}
    got = float(losses.Dice(**options)(labels, scores))
    assert got == pytest.approx(to_numpy(dices).mean(), rel=1e-5)
    got = float(losses.Tversky(0.3, 0.7, **options)(labels, scores))
    assert got == pytest.approx(to_numpy(tverskys).mean(), rel=1e-5)
    # with equal weights it is Dice
    got = float(losses.Tversky(smooth=0.5, per_image=False)(labels, scores))
    wanted = float(losses.Dice(smooth=1, per_image=False)(labels, scores))
    assert got == pytest.approx(wanted, rel=1e-5)


def test_tversky_of_what_is_claimed():
    """All is claimed for class 0: alpha counts there, beta in class 1."""
    labels = np.array([[0, 1, 1]])
    scores = one_hot(np.zeros((1, 3)), 2)
    loss = losses.Tversky(0.2, 0.9, smooth=0, class_weights=[1, 0])
    got = float(compiled(loss)(labels, scores))
    assert got == pytest.approx(0.4 / 1.4, rel=1e-6)


@pytest.mark.parametrize("per_image", [False, True])
def test_lovasz_of_certain_predictions_is_the_jaccard_loss(per_image):
    labels, _, logits = data()
    labels[labels == VOID] = 0
    found = logits.argmax(-1)
    images = zip(labels, found, strict=True) if per_image else [(labels, found)]
    wanted = [
        1
        - jaccard_score(
            t.ravel(), p.ravel(), labels=np.unique(t), average="macro"
        )
        for t, p in images
    ]
    loss = losses.LovaszSoftmax(per_image=per_image)
    got = float(loss(labels, one_hot(found)))
    assert got == pytest.approx(np.mean(wanted), rel=1e-5)


def test_lovasz_of_ties_is_one_value_in_any_order():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 24)
    first = rng.integers(0, 3, 24) / 2  # errors 0, 1/2 and 1
    scores = np.stack([first, 1 - first], axis=-1)
    loss = compiled(losses.LovaszSoftmax())
    orders = [rng.permutation(24) for _ in range(8)]
    values = {
        round(float(loss(labels[None, i], scores[None, i])), 5) for i in orders
    }
    assert len(values) == 1
    wanted = over_classes(lovasz, labels, scores, present=True)
    assert values.pop() == pytest.approx(wanted, abs=1e-5)


@EACH
def test_a_label_that_is_none_is_told_by_nan(name):
    labels, scores, _ = data()
    labels[0, 0, 0] = 4
    assert np.isnan(float(make(name)(labels, scores)))


@EACH
def test_round_trips(name):
    labels, scores, _ = data()
    loss = make(name, class_weights=[1, 2, 3, 4], reduction="sum")
    config = keras.saving.serialize_keras_object(loss)
    assert config["registered_name"].startswith("course>")
    copy = keras.saving.deserialize_keras_object(config)
    assert copy.get_config() == loss.get_config()
    assert copy.name == loss.name
    assert float(copy(labels, scores)) == float(loss(labels, scores))


@pytest.mark.parametrize("name", ["crossentropy", "lovasz"])
def test_a_compiled_model_learns(name):
    """Classes are colours, and a 1x1 convolution has to find out."""
    loss = make(name)
    labels, _, _ = data(size=(8, 8), images=4, void=loss.ignore_class)
    palette = np.random.default_rng(1).normal(size=(256, 3))
    images = palette[labels].astype("float32")
    inputs = keras.Input((8, 8, 3))
    layer = keras.layers.Conv2D(4, 1, kernel_initializer="zeros")
    model = keras.Model(inputs, keras.layers.Softmax()(layer(inputs)))
    model.compile(keras.optimizers.Adam(0.3), loss=loss)
    history = model.fit(images, labels, batch_size=4, epochs=30, verbose=0)
    first, *_, last = history.history["loss"]
    equal = np.full((*labels.shape, 4), 0.25)
    assert first == pytest.approx(float(loss(labels, equal)), rel=1e-5)
    assert last < 0.4 * first


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: losses.Dice(classes="some"), "classes='some'.*'present'"),
        (lambda: losses.Dice(smooth=-1), "smooth=-1 is negative"),
        (lambda: losses.Tversky(alpha=-1), "alpha=-1.*at least 0"),
        (lambda: losses.PixelFocal(gamma=-1), "gamma=-1.*the paper has 2"),
        (lambda: losses.Dice(class_weights=[1, -1]), "one number of at least"),
        (lambda: losses.Dice(class_weights=[]), "weigh no classes"),
    ],
)
def test_bad_arguments_say_what_is_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("options", "shapes", "message"),
    [
        ({}, [(2, 3, 3), (2, 3, 3, 1)], "background a class of its own"),
        ({}, [(2, 3, 4), (2, 3, 3, 5)], r"\(2, 3, 4\).*Expected labels"),
        ({}, [(2, 3, 3, 2), (2, 3, 3, 5)], r"distributions, \(2, 3, 3, 5\)"),
        ({"class_weights": [1, 2]}, [(2, 3), (2, 3, 5)], "2 class_weights.*5"),
        ({}, [(2, 3), (2, 3, 5), (2, 3, 5)], r"\(2, 3, 5\).*\(n,\) weighs"),
    ],
)
@pytest.mark.parametrize("name", ["crossentropy", "dice"])
def test_bad_inputs_say_what_is_expected(name, options, shapes, message):
    with pytest.raises(ValueError, match=message):
        make(name, **options)(*map(np.zeros, shapes))
