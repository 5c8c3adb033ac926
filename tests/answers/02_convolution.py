"""Answers to lecture 02's questions, as students write them."""

from tests.answers import right, wrong


def changed(source, old, new):
    """The source with one part of it, which must be there, replaced."""
    if old not in source:
        raise ValueError(f"nothing to change: {old!r} is not in the source")
    return source.replace(old, new)


LOOPS = """\
def slide_over(image, kernel):
    h, w = image.shape
    kh, kw = kernel.shape
    y = np.zeros((h - kh + 1, w - kw + 1))
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            y[i, j] = np.sum(image[i : i + kh, j : j + kw] * kernel)
    return y
"""

SLIDE_OVER = [
    right("two loops over windows", LOOPS),
    right(
        "all windows at once",
        """\
def slide_over(image, kernel):
    views = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.tensordot(views, kernel, axes=2)
""",
    ),
    right(
        "a sum of moved images, one a tap",
        """\
def slide_over(image, kernel):
    rows = len(image) - len(kernel) + 1
    columns = len(image[0]) - len(kernel[0]) + 1
    return sum(
        tap * image[u : u + rows, v : v + columns]
        for (u, v), tap in np.ndenumerate(kernel)
    )
""",
    ),
    right(
        "four loops, nested lists",
        """\
def slide_over(image, kernel):
    (h, w), (kh, kw) = np.shape(image), np.shape(kernel)
    return [
        [
            sum(
                float(image[i + u][j + v]) * float(kernel[u][v])
                for u in range(kh)
                for v in range(kw)
            )
            for j in range(w - kw + 1)
        ]
        for i in range(h - kh + 1)
    ]
""",
    ),
    wrong(
        "kernel flipped",
        changed(
            LOOPS, "y = np.zeros", "kernel = np.flip(kernel)\n    y = np.zeros"
        ),
        "what is called convolution flips its kernel",
    ),
    wrong(
        "one place too few",
        changed(changed(LOOPS, "h - kh + 1", "h - kh"), "w - kw + 1", "w - kw"),
        "a kernel of k fits i - k times on i pixels",
    ),
    wrong(
        "a matrix product of window and kernel",
        changed(
            LOOPS,
            "np.sum(image[i : i + kh, j : j + kw] * kernel)",
            "np.sum(image[i : i + kh, j : j + kw] @ kernel.T)",
        ),
        "the window is multiplied with the kernel as matrices are",
    ),
    wrong(
        "the mean of the products",
        changed(LOOPS, "np.sum", "np.mean"),
        "a convolution averages",
    ),
    wrong(
        "rows and columns exchanged",
        changed(LOOPS, "h, w = image.shape", "w, h = image.shape"),
        "a shape is (width, height)",
    ),
    wrong(
        "as large as the image",
        """\
def slide_over(image, kernel):
    kh, kw = kernel.shape
    h, w = image.shape
    up, left = kh // 2, kw // 2
    wider = np.pad(image, [(up, kh - 1 - up), (left, kw - 1 - left)])
    views = np.lib.stride_tricks.sliding_window_view(wider, kernel.shape)
    return np.tensordot(views, kernel, axes=2)
""",
        "the result is always as large as the image",
    ),
    wrong(
        "windows side by side",
        """\
def slide_over(image, kernel):
    kh, kw = kernel.shape
    h, w = image.shape
    return np.array(
        [
            [
                np.sum(image[i : i + kh, j : j + kw] * kernel)
                for j in range(0, w - kw + 1, kw)
            ]
            for i in range(0, h - kh + 1, kh)
        ]
    )
""",
        "the kernel moves on by its own width",
    ),
    wrong(
        "Keras asked",
        """\
import keras


def slide_over(image, kernel):
    image, kernel = np.float32(image), np.float32(kernel)
    y = keras.ops.conv(image[None, ..., None], kernel[..., None, None])
    return y[0, :, :, 0]
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "the lecture's own helper asked",
        """\
def slide_over(image, kernel):
    return by_keras(image, kernel)
""",
        "what the lecture shows may be called",
        at_most=0,
    ),
    wrong(
        "as whole as the image",
        changed(LOOPS, "w - kw + 1))", "w - kw + 1), dtype=image.dtype)"),
        "the result's numbers are of the image's kind",
        at_most=0,
    ),
    wrong(
        "kernel transposed",
        changed(LOOPS, "y = np.zeros", "kernel = kernel.T\n    y = np.zeros"),
        "a kernel's columns lie along the image's rows",
        at_most=0,
    ),
]

FOUR = {
    "row_mean": "np.full((1, 5), 0.2)",
    "move_right": "[[1, 0, 0, 0, 0]]",
    "rise": "[[-0.5, 0, 0.5]]",
    "crisp": "[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]",
}


def four(**changes):
    """The four kernels, one of them another."""
    return "".join(
        f"{name} = {kernel}\n" for name, kernel in (FOUR | changes).items()
    )


KERNELS = [
    right("lists of rows", four()),
    right(
        "square kernels, Sobel's among them, all eight neighbours",
        """\
row_mean = np.zeros((5, 5))
row_mean[2] = 1 / 5
move_right = np.zeros((5, 5))
move_right[2, 0] = 1
rise = np.outer([1, 2, 1], [-1, 0, 1]) / 8
blur = np.full((3, 3), 1 / 9)
crisp = 2 * np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]) - blur
""",
    ),
    right(
        "the step to the next pixel, gentle sharpening",
        four(
            rise="np.array([[0, -1, 1]])",
            crisp="np.pad([[1.0]], 1) - 0.2 * np.array("
            "[[0, 1, 0], [1, -4, 1], [0, 1, 0]])",
        ),
    ),
    wrong(
        "moved to the left",
        four(move_right="[[0, 0, 0, 0, 1]]"),
        "the tap stands where the picture is to go",
    ),
    wrong(
        "moved by one",
        four(move_right="[[1, 0, 0]]"),
        "the first of three taps is two pixels from the middle",
    ),
    wrong(
        "a column's mean",
        four(row_mean="np.full((5, 1), 0.2)"),
        "five rows make a row of five",
    ),
    wrong(
        "not normalized",
        four(row_mean="np.ones((1, 5))"),
        "a mean is a kernel of ones",
    ),
    wrong(
        "twice the slope",
        four(rise="[[-1, 0, 1]]"),
        "right minus left is the slope, whatever their distance",
    ),
    wrong(
        "left minus right",
        four(rise="[[0.5, 0, -0.5]]"),
        "the kernel is flipped before it is used",
    ),
    wrong(
        "slope downwards",
        four(rise="[[-0.5], [0], [0.5]]"),
        "horizontal edges are found along the horizontal",
    ),
    wrong(
        "Sobel as printed",
        four(rise="[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]"),
        "Sobel's numbers need no division",
    ),
    wrong(
        "the edges themselves",
        four(crisp="[[0, -1, 0], [-1, 4, -1], [0, -1, 0]]"),
        "sharpening is finding edges",
    ),
    wrong(
        "a blur",
        four(crisp="np.full((3, 3), 1 / 9)"),
        "any kernel whose taps add up to 1 sharpens",
    ),
    wrong(
        "edges added",
        four(crisp="[[0, 1, 0], [1, -3, 1], [0, 1, 0]]"),
        "the edges are added, not subtracted",
    ),
    wrong(
        "sharp along the rows only",
        four(crisp="[[-1, 3, -1]]"),
        "edges are upright",
    ),
]

PLACES = """\
def extend(image, width, mode):
    image = np.asarray(image)
    if mode == "zero":
        h, w = image.shape
        out = np.zeros((h + 2 * width, w + 2 * width))
        out[width : width + h, width : width + w] = image
        return out
    for axis in (0, 1):
        n = image.shape[axis]
        p = np.arange(-width, n + width)
        if mode == "border":
            p = np.minimum(np.maximum(p, 0), n - 1)
        if mode == "cyclic":
            p = p % n
        if mode == "symmetric":
            p = p % (2 * n)
            p = np.minimum(p, 2 * n - 1 - p)
        if mode == "reflect":
            p = p % (2 * n - 2)
            p = np.minimum(p, 2 * n - 2 - p)
        image = image.take(p, axis=axis)
    return image
"""

EXTEND = [
    right("places by periods", PLACES),
    right(
        "pieces put together",
        """\
def beside(image, width, mode):
    if width == 0:
        return image
    if mode == "zero":
        left = right = np.zeros((len(image), width))
    elif mode == "border":
        left = np.repeat(image[:, :1], width, axis=1)
        right = np.repeat(image[:, -1:], width, axis=1)
    elif mode == "cyclic":
        left, right = image[:, -width:], image[:, :width]
    elif mode == "symmetric":
        left = image[:, :width][:, ::-1]
        right = image[:, -width:][:, ::-1]
    else:
        left = image[:, 1 : width + 1][:, ::-1]
        right = image[:, -width - 1 : -1][:, ::-1]
    return np.concatenate([left, image, right], axis=1)


def extend(image, width, mode):
    return beside(beside(image, width, mode).T, width, mode).T
""",
    ),
    right(
        "pixel by pixel, nested lists",
        """\
def source(place, size, mode):
    if 0 <= place < size:
        return place
    if mode == "border":
        return 0 if place < 0 else size - 1
    if mode == "cyclic":
        return place + size if place < 0 else place - size
    if mode == "symmetric":
        return -1 - place if place < 0 else 2 * size - 1 - place
    if mode == "reflect":
        return -place if place < 0 else 2 * size - 2 - place
    return None


def extend(image, width, mode):
    h, w = image.shape
    rows = [source(i, h, mode) for i in range(-width, h + width)]
    columns = [source(j, w, mode) for j in range(-width, w + width)]
    return [
        [0 if i is None or j is None else float(image[i, j]) for j in columns]
        for i in rows
    ]
""",
    ),
    wrong(
        "the two mirrors exchanged",
        PLACES.replace("symmetric", "other")
        .replace("reflect", "symmetric")
        .replace("other", "reflect"),
        "a symmetric mirror does not repeat the border",
    ),
    wrong(
        "one mirror for both",
        changed(PLACES, 'if mode == "reflect":', 'if mode == "other":').replace(
            'if mode == "symmetric":', 'if mode in ("symmetric", "reflect"):'
        ),
        "there is one mirror",
    ),
    wrong(
        "mirrored pixels not turned",
        """\
def beside(image, width, mode):
    if width == 0:
        return image
    if mode == "zero":
        left = right = np.zeros((len(image), width))
    elif mode == "border":
        left = np.repeat(image[:, :1], width, axis=1)
        right = np.repeat(image[:, -1:], width, axis=1)
    elif mode == "cyclic":
        left, right = image[:, -width:], image[:, :width]
    elif mode == "symmetric":
        left, right = image[:, :width], image[:, -width:]
    else:
        left, right = image[:, 1 : width + 1], image[:, -width - 1 : -1]
    return np.concatenate([left, image, right], axis=1)


def extend(image, width, mode):
    return beside(beside(image, width, mode).T, width, mode).T
""",
        "the first pixels are put before, in their order",
    ),
    wrong(
        "left and right only",
        changed(PLACES, "for axis in (0, 1)", "for axis in (1,)"),
        "padding lies left and right",
        at_most=0,
    ),
    wrong(
        "zeros in the corners",
        PLACES
        + """\


extend_all = extend


def extend(image, width, mode):
    out = extend_all(image, width, mode).copy()
    h, w = np.shape(image)
    out[:width, :width] = out[:width, width + w :] = 0
    out[width + h :, :width] = out[width + h :, width + w :] = 0
    return out
""",
        "what is beyond two borders is nothing",
        at_most=0,
    ),
    wrong(
        "at the end only",
        changed(
            PLACES,
            "np.arange(-width, n + width)",
            "np.arange(0, n + 2 * width)",
        ),
        "padding comes after the image",
    ),
    wrong(
        "cyclic is the other side, turned",
        changed(
            PLACES,
            "p = p % n\n",
            "p = np.where((p < 0) | (p >= n), (-1 - p) % n, p)\n",
        ),
        "on a circle one meets the far side backwards",
    ),
    wrong(
        "width counted for both sides",
        changed(
            PLACES,
            "    image = np.asarray(image)\n",
            "    image = np.asarray(image)\n    width = width // 2\n",
        ),
        "width is what an axis grows by",
        at_most=0,
    ),
    wrong(
        "one pixel's worth of border, whatever the width",
        changed(
            PLACES,
            "p = np.arange(-width, n + width)",
            "p = np.clip(np.arange(-width, n + width), -1, n)",
        ),
        "beyond the border there is one pixel, repeated",
    ),
    wrong(
        "whole zeros",
        changed(PLACES, "w + 2 * width))", "w + 2 * width), dtype=int)"),
        "pixels are whole numbers",
    ),
    wrong(
        "all of it for none of it",
        """\
def beside(image, width, mode):
    if mode == "zero":
        left = right = np.zeros((len(image), width))
    elif mode == "border":
        left = np.repeat(image[:, :1], width, axis=1)
        right = np.repeat(image[:, -1:], width, axis=1)
    elif mode == "cyclic":
        left, right = image[:, -width:], image[:, :width]
    elif mode == "symmetric":
        left, right = image[:, width - 1 :: -1], image[:, : -width - 1 : -1]
        left, right = left[:, -width:], right[:, :width]
    else:
        left, right = image[:, width:0:-1], image[:, -2 : -width - 2 : -1]
        left = left[:, -width:]
    return np.concatenate([left, image, right], axis=1)


def extend(image, width, mode):
    return beside(beside(image, width, mode).T, width, mode).T
""",
        "x[-0:] is nothing",
    ),
    wrong(
        "as high as wide",
        changed(
            PLACES,
            "        h, w = image.shape\n",
            "        h = w = image.shape[0]\n",
        ).replace("n = image.shape[axis]", "n = image.shape[0]"),
        "images are square",
        at_most=0,
    ),
    wrong(
        "NumPy asked",
        """\
def extend(image, width, mode):
    names = {"zero": "constant", "border": "edge", "cyclic": "wrap"}
    return np.pad(image, width, mode=names.get(mode, mode))
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]

STRIDED = """\
def conv2d(image, kernel, stride=1, padding=0):
    image = np.pad(image, padding)
    kh, kw = kernel.shape
    oh = (image.shape[0] - kh) // stride + 1
    ow = (image.shape[1] - kw) // stride + 1
    y = np.zeros((oh, ow))
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            y[i, j] = (image[top : top + kh, left : left + kw] * kernel).sum()
    return y
"""

CONV2D = [
    right("sizes first, then loops", STRIDED),
    right(
        "one's own first question, then every s-th",
        """\
def conv2d(image, kernel, stride=1, padding=0):
    h, w = image.shape
    wider = np.zeros((h + 2 * padding, w + 2 * padding))
    wider[padding : padding + h, padding : padding + w] = image
    return slide_over(wider, kernel)[::stride, ::stride]
""",
    ),
    right(
        "all windows at once",
        """\
def conv2d(image, kernel, stride=1, padding=0):
    wider = np.pad(image, padding)
    views = np.lib.stride_tricks.sliding_window_view(wider, kernel.shape)
    return np.einsum("ijuv,uv->ij", views[::stride, ::stride], kernel)
""",
    ),
    right(
        "pixels asked for, those outside are zero; lists",
        """\
def conv2d(image, kernel, stride=1, padding=0):
    (h, w), (kh, kw) = np.shape(image), np.shape(kernel)

    def pixel(i, j):
        return float(image[i][j]) if 0 <= i < h and 0 <= j < w else 0.0

    return [
        [
            sum(
                pixel(top + u, left + v) * float(kernel[u][v])
                for u in range(kh)
                for v in range(kw)
            )
            for left in range(-padding, w + padding - kw + 1, stride)
        ]
        for top in range(-padding, h + padding - kh + 1, stride)
    ]
""",
    ),
    wrong(
        "stride ignored",
        changed(
            STRIDED, "    image = np.pad", "    stride = 1\n    image = np.pad"
        ),
        "the kernel always moves by one",
    ),
    wrong(
        "stride only in the size",
        changed(
            STRIDED, "top, left = i * stride, j * stride", "top, left = i, j"
        ),
        "the stride makes the output smaller, the kernel still moves by one",
    ),
    wrong(
        "padding once",
        changed(
            STRIDED, "np.pad(image, padding)", "np.pad(image, (0, padding))"
        ),
        "padding p adds p pixels to an axis",
    ),
    wrong(
        "padding divided between the sides",
        changed(
            STRIDED,
            "np.pad(image, padding)",
            "np.pad(image, (padding // 2, padding - padding // 2))",
        ),
        "padding p adds p pixels to an axis, half of them on each side",
    ),
    wrong(
        "padding forgotten",
        changed(STRIDED, "np.pad(image, padding)", "np.asarray(image)"),
        "padding has to do with the output's size only",
    ),
    wrong(
        "border repeated",
        changed(
            STRIDED, "np.pad(image, padding)", 'np.pad(image, padding, "edge")'
        ),
        "padding continues the image",
    ),
    wrong(
        "rounded up",
        """\
def conv2d(image, kernel, stride=1, padding=0):
    kh, kw = kernel.shape
    h, w = np.array(image.shape) + 2 * padding
    oh = -(-(h - kh) // stride) + 1
    ow = -(-(w - kw) // stride) + 1
    wider = np.zeros((h + stride, w + stride))
    inside = wider[padding:, padding:][: len(image), : len(image[0])]
    inside[:] = image
    y = np.zeros((oh, ow))
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            y[i, j] = (wider[top : top + kh, left : left + kw] * kernel).sum()
    return y
""",
        "a last step that is too short is still taken: ceil for floor",
    ),
    wrong(
        "stride along the rows only",
        """\
def conv2d(image, kernel, stride=1, padding=0):
    wider = np.pad(image, padding)
    views = np.lib.stride_tricks.sliding_window_view(wider, kernel.shape)
    return np.einsum("ijuv,uv->ij", views[:, ::stride], kernel)
""",
        "the stride is a step to the right",
    ),
    wrong(
        "kernel flipped",
        changed(STRIDED, "* kernel)", "* kernel[::-1, ::-1])"),
        "what is called convolution flips its kernel",
        at_most=0,
    ),
    wrong(
        "the size's denominator around everything",
        changed(
            changed(
                STRIDED,
                "(image.shape[0] - kh) // stride + 1",
                "(image.shape[0] - kh + 1) // stride",
            ),
            "(image.shape[1] - kw) // stride + 1",
            "(image.shape[1] - kw + 1) // stride",
        ),
        "(i - k + 1) / s places",
    ),
    wrong(
        "the lecture's own helper asked",
        """\
def conv2d(image, kernel, stride=1, padding=0):
    return by_keras(np.pad(image, padding), kernel, strides=stride)
""",
        "what the lecture shows may be called",
        at_most=0,
    ),
    wrong(
        "as whole as the image",
        changed(
            STRIDED, "np.zeros((oh, ow))", "np.zeros((oh, ow), image.dtype)"
        ),
        "the result's numbers are of the image's kind",
        at_most=0,
    ),
    wrong(
        "strides of one or two",
        changed(
            STRIDED,
            "    image = np.pad",
            "    stride = min(stride, 2)\n    image = np.pad",
        ),
        "a stride is 1 or 2",
    ),
]

LAYER = """\
def conv_layer(images, kernel, bias, stride=1, padding=0):
    p = (padding, padding)
    images = np.pad(images, ((0, 0), p, p, (0, 0)))
    n, h, w, c = images.shape
    kh, kw, c, f = kernel.shape
    oh, ow = (h - kh) // stride + 1, (w - kw) // stride + 1
    y = np.zeros((n, oh, ow, f))
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            window = images[:, top : top + kh, left : left + kw]
            y[:, i, j] = np.tensordot(window, kernel, axes=3)
    return y + bias
"""

CONV_LAYER = [
    right("a product a window", LAYER),
    right(
        "one matrix product, windows flattened",
        """\
def conv_layer(images, kernel, bias, stride=1, padding=0):
    p = (padding, padding)
    images = np.pad(images, ((0, 0), p, p, (0, 0)))
    kh, kw, c, f = kernel.shape
    views = np.lib.stride_tricks.sliding_window_view(images, (kh, kw), (1, 2))
    views = views[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
    flat = views.reshape(*views.shape[:3], kh * kw * c)
    return flat @ kernel.reshape(-1, f) + bias
""",
    ),
    right(
        "all windows at once, multiplied by Keras, a tensor",
        """\
from keras import ops


def conv_layer(images, kernel, bias, stride=1, padding=0):
    p = (padding, padding)
    images = np.pad(np.float32(images), ((0, 0), p, p, (0, 0)))
    sides = kernel.shape[:2]
    views = np.lib.stride_tricks.sliding_window_view(images, sides, (1, 2))
    views = views[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
    return ops.tensordot(views, np.float32(kernel), axes=3) + np.float32(bias)
""",
    ),
    right(
        "a product of matrices a tap, by Keras",
        """\
from keras import ops


def conv_layer(images, kernel, bias, stride=1, padding=0):
    p = (padding, padding)
    images = ops.pad(ops.cast(images, "float32"), ((0, 0), p, p, (0, 0)))
    (h, w), (kh, kw) = images.shape[1:3], kernel.shape[:2]
    y = ops.cast(bias, "float32")
    for u in range(kh):
        for v in range(kw):
            seen = images[:, u : h - kh + u + 1 : stride]
            seen = seen[:, :, v : w - kw + v + 1 : stride]
            y = y + ops.matmul(seen, ops.cast(kernel[u, v], "float32"))
    return y
""",
    ),
    right(
        "channel by channel through one's own question 4",
        """\
def conv_layer(images, kernel, bias, stride=1, padding=0):
    return np.array(
        [
            np.stack(
                [
                    sum(
                        conv2d(x[..., i], kernel[..., i, j], stride, padding)
                        for i in range(kernel.shape[2])
                    )
                    + bias[j]
                    for j in range(kernel.shape[3])
                ],
                axis=-1,
            )
            for x in images
        ]
    )
""",
    ),
    wrong(
        "bias forgotten",
        changed(LAYER, "return y + bias", "return y"),
        "a filter is its taps",
        at_most=0,
    ),
    wrong(
        "bias for each channel",
        changed(LAYER, "return y + bias", "return y + c * bias"),
        "each channel of a filter has its bias",
    ),
    wrong(
        "the mean of the channels",
        changed(LAYER, "axes=3)", "axes=3) / c"),
        "channels are averaged",
    ),
    wrong(
        "the first channel's taps for all",
        changed(
            LAYER, "window, kernel,", "window, 0 * kernel + kernel[:, :, :1],"
        ),
        "a filter has one plane of taps",
    ),
    wrong(
        "channels and filters exchanged",
        changed(
            LAYER,
            "    kh, kw, c, f = kernel.shape\n",
            "    kh, kw, c, f = kernel.shape\n"
            "    kernel = kernel.reshape(kh, kw, f, c).swapaxes(2, 3)\n",
        ),
        "a kernel is kept as (rows, columns, filters, channels)",
    ),
    wrong(
        "the first image only",
        changed(
            LAYER,
            "    n, h, w, c = images.shape\n",
            "    images = images[:1]\n    n, h, w, c = images.shape\n",
        ),
        "a batch is one image",
    ),
    wrong(
        "filters first",
        changed(
            LAYER, "return y + bias", "return (y + bias).transpose(0, 3, 1, 2)"
        ),
        "maps come before rows and columns",
    ),
    wrong(
        "padding once",
        changed(LAYER, "p = (padding, padding)", "p = (0, padding)"),
        "padding p adds p pixels to an axis",
    ),
    wrong(
        "stride ignored",
        changed(LAYER, "    p = (padding", "    stride = 1\n    p = (padding"),
        "the kernel always moves by one",
    ),
    wrong(
        "channels padded too",
        changed(LAYER, "((0, 0), p, p, (0, 0))", "((0, 0), p, p, p)").replace(
            "window = images[:, top : top + kh, left : left + kw]",
            "window = images[:, top : top + kh, left : left + kw]\n"
            "            window = window[..., : kernel.shape[2]]",
        ),
        "zeros lie around the array, on all its axes",
    ),
    wrong(
        "each filter sees its own channel",
        changed(
            LAYER,
            "y[:, i, j] = np.tensordot(window, kernel, axes=3)",
            "k = min(c, f)\n"
            "            y[:, i, j, :k] = np.einsum(\n"
            "                'nuvc,uvc->nc', window[..., :k],\n"
            "                kernel[:, :, range(k), range(k)],\n"
            "            )",
        ),
        "channel i leads to filter i",
    ),
    wrong(
        "kernel flipped",
        changed(
            LAYER,
            "np.tensordot(window, kernel",
            "np.tensordot(window, kernel[::-1, ::-1]",
        ),
        "what is called convolution flips its kernel",
    ),
    wrong(
        "Keras asked",
        """\
import keras


def conv_layer(images, kernel, bias, stride=1, padding=0):
    layer = keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2], stride)
    images = keras.layers.ZeroPadding2D(padding)(np.float32(images))
    layer.build(images.shape)
    layer.set_weights([kernel, bias])
    return layer(images)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]

POOLED = """\
def pool(maps, size, stride, kind):
    h, w, c = maps.shape
    oh, ow = (h - size) // stride + 1, (w - size) // stride + 1
    y = np.zeros((oh, ow, c))
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            window = maps[top : top + size, left : left + size]
            if kind == "max":
                y[i, j] = window.max(axis=(0, 1))
            else:
                y[i, j] = window.mean(axis=(0, 1))
    return y
"""

POOL = [
    right("sizes first, then loops", POOLED),
    right(
        "all windows at once",
        """\
def pool(maps, size, stride, kind):
    views = np.lib.stride_tricks.sliding_window_view(maps, (size, size), (0, 1))
    views = views[::stride, ::stride]
    return views.max((3, 4)) if kind == "max" else views.mean((3, 4))
""",
    ),
    right(
        "moved maps compared or added, a tensor",
        """\
import keras


def pool(maps, size, stride, kind):
    h, w, _ = maps.shape
    moved = np.stack(
        [
            maps[u : h - size + u + 1 : stride, v : w - size + v + 1 : stride]
            for u in range(size)
            for v in range(size)
        ]
    )
    reduce = keras.ops.max if kind == "max" else keras.ops.mean
    return reduce(moved, axis=0)
""",
    ),
    right(
        "number by number, lists",
        """\
def pool(maps, size, stride, kind):
    h, w, c = np.shape(maps)
    result = []
    for top in range(0, h - size + 1, stride):
        row = []
        for left in range(0, w - size + 1, stride):
            pixel = []
            for channel in range(c):
                seen = [
                    float(maps[top + u][left + v][channel])
                    for u in range(size)
                    for v in range(size)
                ]
                best = max(seen) if kind == "max" else sum(seen) / len(seen)
                pixel.append(best)
            row.append(pixel)
        result.append(row)
    return result
""",
    ),
    wrong(
        "largest of all channels",
        changed(POOLED, "window.max(axis=(0, 1))", "window.max()").replace(
            "window.mean(axis=(0, 1))", "window.mean()"
        ),
        "a window is pooled through all channels, as a filter adds them",
    ),
    wrong(
        "stride is the size",
        changed(
            POOLED,
            "    h, w, c = maps",
            "    stride = size\n    h, w, c = maps",
        ),
        "windows of a pooling lie side by side",
    ),
    wrong(
        "windows cut at the end",
        changed(
            POOLED,
            "(h - size) // stride + 1, (w - size) // stride + 1",
            "-(-(h - size) // stride) + 1, -(-(w - size) // stride) + 1",
        ),
        "what is left over makes a smaller window",
    ),
    wrong(
        "largest so far begins at zero",
        changed(
            POOLED, "window.max(axis=(0, 1))", "window.max((0, 1), initial=0)"
        ),
        "a maximum is at least 0",
    ),
    wrong(
        "a sum for the mean",
        changed(POOLED, "window.mean(axis", "window.sum(axis"),
        "average pooling adds up",
    ),
    wrong(
        "always the largest",
        changed(POOLED, 'kind == "max"', "kind"),
        "pooling is max pooling",
    ),
    wrong(
        "kinds exchanged",
        changed(POOLED, 'kind == "max"', 'kind != "max"'),
        "the second branch is the maximum",
        at_most=0,
    ),
    wrong(
        "stride ignored",
        changed(
            POOLED, "    h, w, c = maps", "    stride = 1\n    h, w, c = maps"
        ),
        "windows move by one pixel",
    ),
    wrong(
        "rows first, then columns, with the mean of maxima",
        changed(
            POOLED, "window.max(axis=(0, 1))", "window.max(axis=0).mean(axis=0)"
        ),
        "the largest of each column, then their mean",
    ),
    wrong(
        "as whole as the maps",
        changed(
            POOLED, "np.zeros((oh, ow, c))", "np.zeros((oh, ow, c), maps.dtype)"
        ),
        "the result's numbers are of the maps' kind",
        at_most=0,
    ),
    wrong(
        "the farthest from zero",
        changed(
            POOLED, "window.max(axis=(0, 1))", "abs(window).max(axis=(0, 1))"
        ),
        "the strongest answer is the largest",
        at_most=0,
    ),
    wrong(
        "Keras asked",
        """\
import keras


def pool(maps, size, stride, kind):
    layers = {
        "max": keras.layers.MaxPooling2D,
        "average": keras.layers.AveragePooling2D,
    }
    return layers[kind](size, stride)(np.float32(maps)[None])[0]
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]

ANSWERS = {
    "slide-over": SLIDE_OVER,
    "kernels": KERNELS,
    "extend": EXTEND,
    "conv2d": CONV2D,
    "conv-layer": CONV_LAYER,
    "pool": POOL,
}
