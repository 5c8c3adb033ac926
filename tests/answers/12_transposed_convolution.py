"""Answers to lecture 12's questions, as students write them."""

from tests.answers import right, wrong

MATRIX = [
    right(
        "four loops over outputs and taps",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    kh, kw = kernel.shape
    h, w = input_shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    C = np.zeros((oh * ow, h * w))
    for r in range(oh):
        for c in range(ow):
            for u in range(kh):
                for v in range(kw):
                    i = r * stride + u - padding
                    j = c * stride + v - padding
                    if 0 <= i < h and 0 <= j < w:
                        C[r * ow + c, i * w + j] = kernel[u, v]
    return C
""",
    ),
    right(
        "Kronecker products, one a tap",
        """\
def along(axis_size, k, tap, stride, padding):
    places = np.arange(0, axis_size + 2 * padding - k + 1, stride)
    return np.equal.outer(places + tap - padding, np.arange(axis_size))


def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    return sum(
        kernel[u, v]
        * np.kron(
            along(h, kh, u, stride, padding).astype(float),
            along(w, kw, v, stride, padding).astype(float),
        )
        for u in range(kh)
        for v in range(kw)
    )
""",
    ),
    right(
        "unit images through Keras's convolution, a tensor",
        """\
import keras


def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    h, w = input_shape
    units = np.eye(h * w, dtype="float32").reshape(h * w, h, w, 1)
    sides = (padding, padding)
    units = np.pad(units, ((0, 0), sides, sides, (0, 0)))
    taps = np.asarray(kernel, "float32")[:, :, None, None]
    seen = keras.ops.conv(units, taps, strides=stride, padding="valid")
    return keras.ops.transpose(keras.ops.reshape(seen, (h * w, -1)))
""",
    ),
    right(
        "a dictionary of entries, lists of numbers",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    h, w = input_shape
    pixels = {}
    for r in range(h + 2 * padding):
        for c in range(w + 2 * padding):
            inside = padding <= r < padding + h and padding <= c < padding + w
            pixels[r, c] = (r - padding) * w + c - padding if inside else None
    rows = []
    for (r, c) in pixels:
        corner = (r + len(kernel) - 1, c + len(kernel[0]) - 1)
        if r % stride or c % stride or corner not in pixels:
            continue
        row = [0.0] * (h * w)
        for u, taps in enumerate(kernel):
            for v, tap in enumerate(taps):
                pixel = pixels[r + u, c + v]
                if pixel is not None:
                    row[pixel] = float(tap)
        rows.append(row)
    return rows
""",
    ),
    wrong(
        "kernel flipped",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    kernel = np.flip(kernel)
    (kh, kw), (h, w) = kernel.shape, input_shape
    rows = []
    for r in range(0, h + 2 * padding - kh + 1, stride):
        for c in range(0, w + 2 * padding - kw + 1, stride):
            window = np.zeros((h + 2 * padding, w + 2 * padding))
            window[r : r + kh, c : c + kw] = kernel
            rows.append(window[padding : padding + h, padding : padding + w])
    return np.array(rows).reshape(len(rows), -1)
""",
        "a convolution layer flips its kernel, as in mathematics",
    ),
    wrong(
        "padding counted once",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    oh = (h + padding - kh) // stride + 1
    ow = (w + padding - kw) // stride + 1
    C = np.zeros((oh * ow, h * w))
    for r, c, u, v in np.ndindex(oh, ow, kh, kw):
        i, j = r * stride + u - padding, c * stride + v - padding
        if 0 <= i < h and 0 <= j < w:
            C[r * ow + c, i * w + j] = kernel[u, v]
    return C
""",
        "padding p adds p pixels to an axis, not p at each of its ends",
    ),
    wrong(
        "stride only in the size",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    C = np.zeros((oh * ow, h * w))
    for r, c, u, v in np.ndindex(oh, ow, kh, kw):
        i, j = r + u - padding, c + v - padding
        if 0 <= i < h and 0 <= j < w:
            C[r * ow + c, i * w + j] = kernel[u, v]
    return C
""",
        "the stride makes the output smaller, the kernel still moves by one",
    ),
    wrong(
        "stride ignored",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    rows = []
    for r in range(h + 2 * padding - kh + 1):
        for c in range(w + 2 * padding - kw + 1):
            window = np.zeros((h + 2 * padding, w + 2 * padding))
            window[r : r + kh, c : c + kw] = kernel
            rows.append(window[padding : padding + h, padding : padding + w])
    return np.array(rows).reshape(len(rows), -1)
""",
        "the matrix has a row for every place, whatever the stride",
    ),
    wrong(
        "rounded up",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    oh = int(np.ceil((h + 2 * padding - kh) / stride)) + 1
    ow = int(np.ceil((w + 2 * padding - kw) / stride)) + 1
    C = np.zeros((oh * ow, h * w))
    for r, c, u, v in np.ndindex(oh, ow, kh, kw):
        i, j = r * stride + u - padding, c * stride + v - padding
        if 0 <= i < h and 0 <= j < w:
            C[r * ow + c, i * w + j] = kernel[u, v]
    return C
""",
        "a last step that is too short is still taken: ceil for floor",
    ),
    wrong(
        "rows and columns of the kernel exchanged",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    kw, kh = kernel.shape
    h, w = input_shape
    rows = []
    for r in range(0, h + 2 * padding - kh + 1, stride):
        for c in range(0, w + 2 * padding - kw + 1, stride):
            window = np.zeros((h + 2 * padding, w + 2 * padding))
            window[r : r + kh, c : c + kw] = kernel.T
            rows.append(window[padding : padding + h, padding : padding + w])
    return np.array(rows).reshape(len(rows), -1)
""",
        "a shape is (width, height)",
    ),
    wrong(
        "column after column",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    rows = []
    for c in range(0, w + 2 * padding - kw + 1, stride):
        for r in range(0, h + 2 * padding - kh + 1, stride):
            window = np.zeros((h + 2 * padding, w + 2 * padding))
            window[r : r + kh, c : c + kw] = kernel
            inside = window[padding : padding + h, padding : padding + w]
            rows.append(inside.ravel(order="F"))
    return np.array(rows)
""",
        "an image is flattened column by column",
    ),
    wrong(
        "columns for the padding too",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    kh, kw = kernel.shape
    h, w = input_shape[0] + 2 * padding, input_shape[1] + 2 * padding
    rows = []
    for r in range(0, h - kh + 1, stride):
        for c in range(0, w - kw + 1, stride):
            window = np.zeros((h, w))
            window[r : r + kh, c : c + kw] = kernel
            rows.append(window.ravel())
    return np.array(rows)
""",
        "the matrix works on the padded image",
    ),
    wrong(
        "last place forgotten",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    rows = []
    for r in range(0, h + 2 * padding - kh, stride):
        for c in range(0, w + 2 * padding - kw, stride):
            window = np.zeros((h + 2 * padding, w + 2 * padding))
            window[r : r + kh, c : c + kw] = kernel
            inside = window[padding : padding + h, padding : padding + w]
            rows.append(inside.ravel())
    return np.array(rows).reshape(-1, h * w)
""",
        "a kernel of k fits i - k times on i pixels",
    ),
    wrong(
        "next kernel row after a kernel's width",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    C = np.zeros((oh * ow, h * w))
    for r, c in np.ndindex(oh, ow):
        start = (r * stride - padding) * w + c * stride - padding
        for t, tap in enumerate(kernel.ravel()):
            if 0 <= start + t < h * w:
                C[r * ow + c, start + t] = tap
    return C
""",
        "the flattened kernel stands in its row in one piece",
    ),
    wrong(
        "rows that wrap around the edge",
        """\
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    oh = (h + 2 * padding - kh) // stride + 1
    ow = (w + 2 * padding - kw) // stride + 1
    C = np.zeros((oh * ow, h * w))
    for r, c, u, v in np.ndindex(oh, ow, kh, kw):
        i, j = r * stride + u - padding, c * stride + v - padding
        C[r * ow + c, (i * w + j) % (h * w)] = kernel[u, v]
    return C
""",
        "a tap on padding may stand at any pixel: the index is not checked",
    ),
]

TRANSPOSED = [
    right(
        "through one's own matrix",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    C = matrix_of_convolution(kernel, input_shape, stride, padding)
    return np.reshape(np.asarray(C).T @ np.ravel(x), input_shape)
""",
    ),
    right(
        "lays down copies, then crops",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            top, left = r * stride, c * stride
            canvas[top : top + kh, left : left + kw] += x[r, c] * kernel
    return canvas[padding : padding + h, padding : padding + w]
""",
    ),
    right(
        "zeros between the pixels, then the rotated kernel",
        """\
import keras


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    kh, kw = kernel.shape
    h, w = input_shape[0] + 2 * padding, input_shape[1] + 2 * padding
    spread = np.zeros((h + kh - 1, w + kw - 1), "float32")
    rows = kh - 1 + stride * np.arange(x.shape[0])
    columns = kw - 1 + stride * np.arange(x.shape[1])
    spread[np.ix_(rows, columns)] = x
    rotated = kernel[::-1, ::-1].astype("float32")
    full = keras.ops.conv(
        spread[None, :, :, None], rotated[:, :, None, None], padding="valid"
    )[0, :, :, 0]
    return full[padding : h - padding, padding : w - padding]
""",
    ),
    right(
        "asks each output pixel who reaches it, lists",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (oh, ow), (kh, kw) = np.shape(x), np.shape(kernel)

    def value(i, j):
        total = 0.0
        for r in range(oh):
            for c in range(ow):
                u, v = i + padding - r * stride, j + padding - c * stride
                if 0 <= u < kh and 0 <= v < kw:
                    total += float(x[r][c]) * float(kernel[u][v])
        return total

    h, w = input_shape
    return [[value(i, j) for j in range(w)] for i in range(h)]
""",
    ),
    right(
        "as the gradient of the convolution",
        """\
import keras

from course.gradients import value_and_gradients


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    taps = np.asarray(kernel, "float32")[:, :, None, None]
    arriving = np.asarray(x, "float32")[None, :, :, None]
    sides = [[0, 0], [padding, padding], [padding, padding], [0, 0]]

    def loss(image):
        seen = keras.ops.conv(keras.ops.pad(image, sides), taps, strides=stride)
        return keras.ops.sum(seen * arriving)

    blank = np.zeros((1, *input_shape, 1), "float32")
    _, (gradient,) = value_and_gradients(loss, blank)
    return gradient[0, :, :, 0]
""",
    ),
    wrong(
        "the pseudoinverse",
        """\
from course.convolution_matrix import convolution_matrix


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    C = convolution_matrix(kernel, input_shape, stride, padding)
    return (np.linalg.pinv(C) @ x.ravel()).reshape(input_shape)
""",
        "transposed convolution undoes a convolution",
    ),
    wrong(
        "kernel rotated",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    kernel = kernel[::-1, ::-1]
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        canvas[top : top + kh, left : left + kw] += x[r, c] * kernel
    return canvas[padding : padding + h, padding : padding + w]
""",
        "the copies that are laid down are of the rotated kernel",
    ),
    wrong(
        "zeros between the pixels, kernel not rotated",
        """\
import keras


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    kh, kw = kernel.shape
    h, w = input_shape[0] + 2 * padding, input_shape[1] + 2 * padding
    spread = np.zeros((h + kh - 1, w + kw - 1), "float32")
    rows = kh - 1 + stride * np.arange(x.shape[0])
    columns = kw - 1 + stride * np.arange(x.shape[1])
    spread[np.ix_(rows, columns)] = x
    full = keras.ops.conv(
        spread[None, :, :, None],
        kernel.astype("float32")[:, :, None, None],
        padding="valid",
    )[0, :, :, 0]
    return full[padding : h - padding, padding : w - padding]
""",
        "after zero insertion follows a convolution with the same kernel",
    ),
    wrong(
        "not cropped",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        canvas[top : top + kh, left : left + kw] += x[r, c] * kernel
    return canvas
""",
        "the padding stays in the result",
    ),
    wrong(
        "cropped at the end only",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        canvas[top : top + kh, left : left + kw] += x[r, c] * kernel
    return canvas[:h, :w]
""",
        "the result is the upper left corner of what the copies cover",
    ),
    wrong(
        "the last copy wins",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        canvas[top : top + kh, left : left + kw] = x[r, c] * kernel
    return canvas[padding : padding + h, padding : padding + w]
""",
        "where copies overlap the later one replaces the earlier",
    ),
    wrong(
        "overlaps averaged",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    count = np.zeros(canvas.shape)
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        window = np.s_[top : top + kh, left : left + kw]
        canvas[window] += x[r, c] * kernel
        count[window] += 1
    canvas = canvas / np.maximum(count, 1)
    return canvas[padding : padding + h, padding : padding + w]
""",
        "where copies overlap their mean is taken",
    ),
    wrong(
        "stride ignored",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (h, w) = kernel.shape, input_shape
    canvas = np.zeros((h + 2 * padding, w + 2 * padding))
    for r, c in np.ndindex(x.shape):
        canvas[r : r + kh, c : c + kw] += x[r, c] * kernel
    return canvas[padding : padding + h, padding : padding + w]
""",
        "the copies lie one pixel apart, whatever the stride",
    ),
    wrong(
        "column after column",
        """\
from course.convolution_matrix import convolution_matrix


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    C = convolution_matrix(kernel, input_shape, stride, padding)
    return (C.T @ x.ravel(order="F")).reshape(input_shape, order="F")
""",
        "vectors are read column by column",
    ),
    wrong(
        "the smallest shape",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (oh, ow) = kernel.shape, x.shape
    full = np.zeros((stride * (oh - 1) + kh, stride * (ow - 1) + kw))
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        full[top : top + kh, left : left + kw] += x[r, c] * kernel
    h, w = full.shape
    return full[padding : h - padding, padding : w - padding]
""",
        "x, kernel, stride and padding settle the shape: a = 0 always",
    ),
    wrong(
        "output padding of zeros",
        """\
def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    (kh, kw), (oh, ow) = kernel.shape, x.shape
    full = np.zeros((stride * (oh - 1) + kh, stride * (ow - 1) + kw))
    for r, c in np.ndindex(x.shape):
        top, left = r * stride, c * stride
        full[top : top + kh, left : left + kw] += x[r, c] * kernel
    h, w = full.shape
    cut = full[padding : h - padding, padding : w - padding]
    result = np.zeros(input_shape)
    result[: cut.shape[0], : cut.shape[1]] = cut
    return result
""",
        "output padding appends zeros after the crop",
    ),
]

SIZE = [
    right(
        "counts the sizes that share an output",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    sharing = []
    i = kernel_size - 2 * padding
    while len(sharing) < stride:
        if (i + 2 * padding - kernel_size) // stride + 1 == size:
            sharing.append(i)
        i += 1
    if output_padding < 0 or output_padding >= len(sharing):
        raise ValueError("no such output padding")
    if sharing[output_padding] <= 0:
        raise ValueError("nothing left")
    return sharing[output_padding]
""",
    ),
    right(
        "lays the kernels on a strip, a NumPy integer",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if output_padding not in range(stride):
        raise ValueError("output padding must be smaller than the stride")
    starts = np.arange(size) * stride
    strip = starts[:, None] + np.arange(kernel_size)
    strip = strip.max() + 1 - 2 * np.int64(padding) + output_padding
    if strip < 1:
        raise ValueError("too much padding")
    return strip
""",
    ),
    right(
        "the formula, as an array",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    o, k, s, p, a = np.array(
        [size, kernel_size, stride, padding, output_padding]
    )
    i = s * (o - 1) + a + k - 2 * p
    if a < 0 or a > s - 1 or i <= 0:
        raise ValueError(f"impossible: {i}")
    return np.array([i])
""",
    ),
    wrong(
        "the convolution's own size",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    result = (size + 2 * padding - kernel_size) // stride + 1 + output_padding
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "the formula of the convolution holds for its transpose too",
    ),
    wrong(
        "padding counted once",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    result = stride * (size - 1) + kernel_size - padding + output_padding
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "padding p cuts p pixels from an axis, not p at each end",
    ),
    wrong(
        "size times stride",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    return size * stride + output_padding
""",
        "a transposed convolution multiplies the size by its stride",
    ),
    wrong(
        "one step too many",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    result = stride * size + kernel_size - 2 * padding + output_padding
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "n kernels one stride apart reach over n strides and a kernel",
    ),
    wrong(
        "output padding ignored",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    result = stride * (size - 1) + kernel_size - 2 * padding
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "size, kernel, stride and padding settle the size",
    ),
    wrong(
        "output padding at each end",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    result = (
        stride * (size - 1) + kernel_size - 2 * padding + 2 * output_padding
    )
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "output padding lies at both ends, as padding does",
    ),
    wrong(
        "nothing is refused",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    return stride * (size - 1) + kernel_size - 2 * padding + output_padding
""",
        "the formula gives a size, so there is one",
    ),
    wrong(
        "output padding up to the stride",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if output_padding < 0 or output_padding > stride:
        raise ValueError("output padding")
    result = stride * (size - 1) + kernel_size - 2 * padding + output_padding
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "a = s is still allowed",
    ),
    wrong(
        "output padding below the kernel size",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < kernel_size:
        raise ValueError("output padding")
    result = stride * (size - 1) + kernel_size - 2 * padding + output_padding
    if result < 1:
        raise ValueError("no pixel left")
    return result
""",
        "the kernel bounds the output padding",
    ),
    wrong(
        "padding as wide as the kernel refused",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride or padding >= kernel_size:
        raise ValueError("cannot be")
    result = stride * (size - 1) + kernel_size - 2 * padding + output_padding
    if result < 1:
        raise ValueError("nothing is left")
    return result
""",
        "padding is always less than the kernel",
    ),
    wrong(
        "another error than asked for",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    assert 0 <= output_padding < stride, "output padding"
    result = stride * (size - 1) + kernel_size - 2 * padding + output_padding
    assert result >= 1, "nothing is left"
    return result
""",
        "any exception says that it cannot be",
    ),
    wrong(
        "no pixels is a size",
        """\
def transposed_size(size, kernel_size, stride=1, padding=0, output_padding=0):
    if not 0 <= output_padding < stride:
        raise ValueError("output padding")
    result = stride * (size - 1) + kernel_size - 2 * padding + output_padding
    if result < 0:
        raise ValueError("negative size")
    return result
""",
        "only a negative size is impossible",
    ),
]

MATRIX += [
    wrong(
        "the package's own matrix, imported",
        """
from course.convolution_matrix import convolution_matrix as package_matrix


def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    return package_matrix(kernel, input_shape, stride, padding)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
    wrong(
        "the package's own matrix, by the name that the lecture bound",
        """
def matrix_of_convolution(kernel, input_shape, stride=1, padding=0):
    return convolution_matrix(kernel, input_shape, stride, padding)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]

TRANSPOSED += [
    wrong(
        "Keras's ready-made transposed convolution",
        """
from keras import ops


def transposed_convolution(x, kernel, input_shape, stride=1, padding=0):
    full = ops.conv_transpose(
        np.reshape(x, (1, *np.shape(x), 1)).astype("float32"),
        np.reshape(kernel, (*np.shape(kernel), 1, 1)).astype("float32"),
        stride,
    )
    full = np.pad(np.array(full)[0, :, :, 0], [(0, stride)] * 2)
    h, w = input_shape
    return full[padding : padding + h, padding : padding + w]
""",
        "calling the ready-made layer is building it",
        at_most=0,
    ),
]

PLACE = [
    right(
        "counts while reading, a NumPy integer",
        """\
def place(row, column, channel, shape):
    number = np.int64(0)
    for pixel in np.ndindex(*shape):
        if pixel == (row, column, channel):
            return number
        number += 1
""",
    ),
    right(
        "looks the number up in a numbered image",
        """\
def place(row, column, channel, shape):
    numbers = np.arange(np.prod(shape)).reshape(shape)
    return numbers[row, column, channel]
""",
    ),
    right(
        "whole rows, whole pixels, channels, as an array",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return np.array([row * w * c + column * c + channel])
""",
    ),
    wrong(
        "height for width",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return (row * h + column) * c + channel
""",
        "a row is as long as the image is high",
    ),
    wrong(
        "column after column",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return (column * h + row) * c + channel
""",
        "an image is read column by column",
    ),
    wrong(
        "channel after channel",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return channel * h * w + row * w + column
""",
        "each channel is an image of its own, one after the other",
    ),
    wrong(
        "channels only added",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return row * w + column + channel
""",
        "the channels take no room",
    ),
    wrong(
        "counted from one",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return (row * w + column) * c + channel + 1
""",
        "the first place has the number 1",
    ),
    wrong(
        "only the row has channels",
        """\
def place(row, column, channel, shape):
    h, w, c = shape
    return row * w * c + column + channel
""",
        "a step to the right is one number, whatever the channels",
    ),
    wrong(
        "NumPy asked for it",
        """\
def place(row, column, channel, shape):
    return np.ravel_multi_index((row, column, channel), shape)
""",
        "asking NumPy for the index is finding it",
        at_most=0,
    ),
]

GENERAL = [
    right(
        "seven loops over outputs and taps",
        """\
def general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1):
    kh, kw, c, f = kernel.shape
    h, w, c = input_shape
    oh = (h + 2 * padding - dilation * (kh - 1) - 1) // stride + 1
    ow = (w + 2 * padding - dilation * (kw - 1) - 1) // stride + 1
    C = np.zeros((oh * ow * f, h * w * c))
    for r, s, u, v in np.ndindex(oh, ow, kh, kw):
        y = r * stride + u * dilation - padding
        x = s * stride + v * dilation - padding
        if 0 <= y < h and 0 <= x < w:
            for i in range(c):
                for j in range(f):
                    row = (r * ow + s) * f + j
                    C[row, (y * w + x) * c + i] = kernel[u, v, i, j]
    return C
""",
    ),
    right(
        "Kronecker products with a block of channels",
        """\
def along(size, k, tap, stride, padding, dilation):
    last = size + 2 * padding - dilation * (k - 1)
    places = np.arange(0, last, stride) + tap * dilation - padding
    return np.equal.outer(places, np.arange(size)).astype(float)


def general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1):
    kh, kw = kernel.shape[:2]
    h, w, _ = input_shape
    total = 0
    for u in range(kh):
        for v in range(kw):
            rows = along(h, kh, u, stride, padding, dilation)
            columns = along(w, kw, v, stride, padding, dilation)
            total = total + np.kron(np.kron(rows, columns), kernel[u, v].T)
    return total
""",
    ),
    right(
        "unit images through Keras's convolution, a tensor",
        """\
import keras


def general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1):
    h, w, c = input_shape
    kh, kw, _, f = kernel.shape
    holed = np.zeros((dilation * (kh - 1) + 1, dilation * (kw - 1) + 1, c, f))
    holed[::dilation, ::dilation] = kernel
    units = np.eye(h * w * c).reshape(-1, h, w, c)
    sides = (padding, padding)
    units = np.pad(units, ((0, 0), sides, sides, (0, 0)))
    seen = keras.ops.conv(
        units.astype("float32"), holed.astype("float32"), strides=stride
    )
    return keras.ops.transpose(keras.ops.reshape(seen, (h * w * c, -1)))
""",
    ),
]
GENERAL_PATTERN = """\
def general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1):
    kh, kw, c, f = kernel.shape
    h, w, c = input_shape
    oh = (h + 2 * padding - EXTENT_H) // stride + 1
    ow = (w + 2 * padding - EXTENT_W) // stride + 1
    C = np.zeros((oh * ow * f, h * w * c))
    for r, s, u, v, i, j in np.ndindex(oh, ow, kh, kw, c, f):
        y = r * stride + u * dilation - padding
        x = s * stride + v * dilation - padding
        if 0 <= y < h and 0 <= x < w:
            C[ROW, COLUMN] = kernel[u, v, i, j]
    return C
"""


def general(change="", by="", **parts):
    """The pattern with its usual parts, but `parts`, and one change more."""
    usual = {
        "EXTENT_H": "dilation * (kh - 1) - 1",
        "EXTENT_W": "dilation * (kw - 1) - 1",
        "ROW": "(r * ow + s) * f + j",
        "COLUMN": "(y * w + x) * c + i",
    }
    source = GENERAL_PATTERN
    for name, text in (usual | parts).items():
        source = source.replace(name, text)
    if change not in source:
        raise ValueError(f"nothing to change: {change!r} is not in the source")
    return source.replace(change, by) if change else source


GENERAL += [
    wrong(
        "filters one after the other",
        general(ROW="j * oh * ow + r * ow + s"),
        "the output is one map after the other",
    ),
    wrong(
        "channels one after the other",
        general(COLUMN="i * h * w + y * w + x"),
        "the input is one channel after the other",
    ),
    wrong(
        "the kernel as filters first, then channels",
        general(
            "kernel[u, v, i, j]", "kernel.reshape(kh, kw, f, c)[u, v, j, i]"
        ),
        "kernels are kept as (kh, kw, filters, channels)",
    ),
    wrong(
        "channels summed without weights of their own",
        general("kernel[u, v, i, j]", "kernel[u, v, 0, j]"),
        "one plane of taps serves all channels",
    ),
    wrong(
        "each filter sees its own channel only",
        general("if 0 <= y < h", "if i == j and 0 <= y < h"),
        "channel i leads to filter i",
    ),
    wrong(
        "kernel flipped",
        general("kernel[u, v, i, j]", "kernel[kh - 1 - u, kw - 1 - v, i, j]"),
        "a convolution layer flips its kernel, as in mathematics",
    ),
    wrong(
        "padding counted once",
        general("h + 2 * padding", "h + padding"),
        "padding p adds p pixels to the height",
    ),
    wrong(
        "dilation ignored",
        general(
            "    kh, kw, c, f = kernel.shape",
            "    dilation = 1\n    kh, kw, c, f = kernel.shape",
        ),
        "dilation is another word for stride, which is there already",
    ),
    wrong(
        "dilation between windows, too",
        general("r * stride + u", "r * stride * dilation + u"),
        "dilation spreads the windows as well as the taps",
    ),
    wrong(
        "extent of d k",
        general(
            EXTENT_H="dilation * kh",
            EXTENT_W="dilation * kw",
        ),
        "k taps with dilation d reach over d k pixels",
    ),
    wrong(
        "the package's own matrix",
        """\
from course.convolution_matrix import convolution_matrix as package_matrix


def general_matrix(kernel, input_shape, stride=1, padding=0, dilation=1):
    return package_matrix(kernel, input_shape, stride, padding, dilation)
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]

SHARING = [
    right(
        "tries every size",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    found = []
    for size in range(1, stride * output_size + kernel_size):
        room = size + 2 * padding - kernel_size
        if room >= 0 and room // stride + 1 == output_size:
            found.append(size)
    return found
""",
    ),
    wrong(
        "tries sizes up to 100",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    found = []
    for size in range(1, 101):
        room = size + 2 * padding - kernel_size
        if room >= 0 and room // stride + 1 == output_size:
            found.append(size)
    return found
""",
        "no image has more than a hundred pixels",
    ),
    right(
        "from the smallest, as an array",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    reached = (output_size - 1) * stride + kernel_size
    sizes = reached - 2 * padding + np.arange(stride)
    return sizes[sizes >= 1]
""",
    ),
    right(
        "from the places of the last window, a tuple",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    last = (output_size - 1) * stride + kernel_size - 1
    return tuple(
        last + 1 + left_over - 2 * padding
        for left_over in range(stride)
        if last + left_over >= 2 * padding
    )
""",
    ),
    wrong(
        "the smallest only",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    return [stride * (output_size - 1) + kernel_size - 2 * padding]
""",
        "the convolution's size can be inverted",
    ),
    wrong(
        "one too many",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    first = stride * (output_size - 1) + kernel_size - 2 * padding
    return [i for i in range(first, first + stride + 1) if i > 0]
""",
        "stride s joins s + 1 sizes",
    ),
    wrong(
        "always two",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    first = stride * (output_size - 1) + kernel_size - 2 * padding
    return [i for i in (first, first + 1) if i > 0]
""",
        "the lecture's table shows pairs, so it is always pairs",
    ),
    wrong(
        "sizes below one kept",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    first = stride * (output_size - 1) + kernel_size - 2 * padding
    return list(range(first, first + stride))
""",
        "the formula gives a size, so there is one",
    ),
    wrong(
        "padding counted once",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    first = stride * (output_size - 1) + kernel_size - padding
    return [i for i in range(first, first + stride) if i > 0]
""",
        "padding p adds p pixels to an axis",
    ),
    wrong(
        "rounded up",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    return [
        i
        for i in range(1, 200)
        if -(-(i + 2 * padding - kernel_size) // stride) + 1 == output_size
    ]
""",
        "a last step that is too short is still taken: ceil for floor",
    ),
    wrong(
        "kernels that do not fit",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    return [
        i
        for i in range(1, 200)
        if int((i + 2 * padding - kernel_size) / stride) + 1 == output_size
    ]
""",
        "int() rounds down below zero too",
    ),
    wrong(
        "largest first",
        """\
def sharing_sizes(output_size, kernel_size, stride=1, padding=0):
    last = stride * output_size + kernel_size - 1 - 2 * padding
    return [i for i in range(last, last - stride, -1) if i > 0]
""",
        "the order that was asked for does not matter",
    ),
]

PICTURES = [
    right(
        "written by hand, as arrays and a float",
        """\
side_by_side = np.array([[1, 2, 1, 2], [3, 4, 3, 4], [0] * 4, [0] * 4])
overlapping = np.zeros((5, 5))
overlapping[:3] = [[1, 2, 4, 2, 3], [4, 5, 10, 5, 6], [7, 8, 16, 8, 9]]
printed_stride = np.float32(1)
""",
    ),
    right(
        "laid down by a loop",
        """\
def lay(kernel, stride):
    side = stride + len(kernel)
    canvas = np.zeros((side, side))
    for left in (0, stride):
        canvas[: len(kernel), left : left + len(kernel)] += kernel
    return canvas.tolist()


nine = np.arange(1, 10).reshape(3, 3)
side_by_side = lay(np.array([[1, 2], [3, 4]]), 2)
overlapping = lay(nine, 2)
printed = [[1, 3, 5, 3], [4, 9, 11, 6], [7, 15, 17, 9], [0, 0, 0, 0]]
printed_stride = [s for s in (1, 2, 3) if lay(nine, s) == printed]
""",
    ),
]


def picture(
    side="[[1, 2, 1, 2], [3, 4, 3, 4], [0] * 4, [0] * 4]",
    over="[[1, 2, 4, 2, 3], [4, 5, 10, 5, 6], [7, 8, 16, 8, 9], [0]*5, [0]*5]",
    stride="1",
):
    """The three predictions, right where nothing else is said."""
    return (
        f"side_by_side = {side}\noverlapping = {over}\n"
        f"printed_stride = {stride}\n"
    )


PICTURES += [
    wrong(
        "the printed picture believed",
        picture(
            over="[[1, 3, 5, 3], [4, 9, 11, 6], [7, 15, 17, 9], [0] * 4]",
            stride="2",
        ),
        "what the slide's title says is what its picture shows",
        at_most=0,
    ),
    wrong(
        "right pictures, but the title believed",
        picture(stride="2"),
        "the printed picture is another convention of stride 2",
    ),
    wrong(
        "the later copy wins",
        picture(
            over="[[1, 2, 1, 2, 3], [4, 5, 4, 5, 6], [7, 8, 7, 8, 9]]"
            " + [[0] * 5] * 2"
        ),
        "where copies overlap the later one replaces the earlier",
    ),
    wrong(
        "copies that never meet",
        picture(
            over="[[1, 2, 3] * 2, [4, 5, 6] * 2, [7, 8, 9] * 2] + [[0] * 6] * 3"
        ),
        "copies lie side by side, whatever the stride",
    ),
    wrong(
        "kernel turned",
        picture(
            side="[[4, 3, 4, 3], [2, 1, 2, 1], [0] * 4, [0] * 4]",
            over="[[9, 8, 16, 8, 7], [6, 5, 10, 5, 4], [3, 2, 4, 2, 1]]"
            " + [[0] * 5] * 2",
        ),
        "the copies that are laid down are of the rotated kernel",
    ),
    wrong(
        "cut to twice the input",
        picture(over="[[1, 2, 4, 2], [4, 5, 10, 5], [7, 8, 16, 8], [0] * 4]"),
        "stride 2 doubles the size, always",
    ),
    wrong(
        "copies below each other",
        picture(
            side="[[1, 2, 0, 0], [3, 4, 0, 0], [1, 2, 0, 0], [3, 4, 0, 0]]",
            over="[[1, 2, 3, 0, 0], [4, 5, 6, 0, 0], [8, 10, 12, 0, 0],"
            " [4, 5, 6, 0, 0], [7, 8, 9, 0, 0]]",
        ),
        "the second number of a row moves the copy down",
    ),
]

BILINEAR = [
    right(
        "the rule as its authors wrote it",
        """\
def bilinear_kernel(stride, channels=1):
    size = 2 * stride if stride % 2 == 0 else 2 * stride - 1
    factor = (size + 1) // 2
    center = factor - 1 if size % 2 == 1 else factor - 0.5
    rows, columns = np.ogrid[:size, :size]
    tent = (1 - abs(rows - center) / factor) * (
        1 - abs(columns - center) / factor
    )
    kernel = np.zeros((size, size, channels, channels))
    kernel[:, :, range(channels), range(channels)] = tent[:, :, None]
    return kernel
""",
    ),
    right(
        "boxes convolved or up and down again, nested lists",
        """\
def bilinear_kernel(stride, channels=1):
    if stride % 2:
        tent = np.convolve(np.ones(stride), np.ones(stride)) / stride
    else:
        tent = (np.arange(stride) + 0.5) / stride
        tent = np.concatenate([tent, tent[::-1]])
    same = [[i == j for j in range(channels)] for i in range(channels)]
    return [
        [[[a * b * one for one in row] for row in same] for b in tent]
        for a in tent
    ]
""",
    ),
    right(
        "in Keras, a tensor",
        """\
from keras import ops


def bilinear_kernel(stride, channels=1):
    size = 2 * stride - stride % 2
    x = ops.arange(size, dtype="float32")
    tent = ops.relu(1 - ops.abs(x - (size - 1) / 2) / stride)
    plane = ops.reshape(ops.outer(tent, tent), (size, size, 1, 1))
    return plane * ops.eye(channels, dtype="float32")
""",
    ),
]
TENT = """\
def bilinear_kernel(stride, channels=1):
    size = 2 * stride - stride % 2
    distance = np.abs(np.arange(size) - MIDDLE)
    tent = FALL
    plane = PLANE
    return plane[:, :, None, None] * CHANNELS
"""


def tent(middle="(size - 1) / 2", fall="1 - distance / stride", **parts):
    """The model's computation with one part replaced."""
    plane = parts.get("plane", "np.outer(tent, tent)")
    channels = parts.get("channels", "np.eye(channels)")
    source = TENT.replace("MIDDLE", middle).replace("FALL", fall)
    return source.replace("PLANE", plane).replace("CHANNELS", channels)


BILINEAR += [
    wrong(
        "top on a pixel",
        tent(middle="size // 2"),
        "the middle of a kernel is tap k // 2, even for an even kernel",
    ),
    wrong(
        "zero at the last tap",
        tent(
            fall="1 - distance / distance.max() if size > 1 else distance + 1"
        ),
        "the tent falls to zero at the kernel's outermost tap",
    ),
    wrong(
        "half the kernel's size",
        tent(fall="1 - distance / ((size + 1) / 2)"),
        "the tent is as wide as the kernel and one pixel more",
    ),
    wrong(
        "adds up to one",
        tent(plane="np.outer(tent, tent) / tent.sum() ** 2"),
        "a smoothing kernel must add up to 1",
    ),
    wrong(
        "a pyramid",
        tent(plane="np.minimum.outer(tent, tent)"),
        "in two dimensions the smaller of the two tents counts",
    ),
    wrong(
        "a cone",
        tent(
            plane="np.hypot.outer(distance, distance)"
            ".clip(max=stride) / -stride + 1"
        ),
        "bilinear means linear in the distance from the centre",
    ),
    wrong(
        "a box",
        tent(fall="np.full(size, stride / size)"),
        "equal taps interpolate, if they add up rightly",
    ),
    wrong(
        "every channel to every filter",
        tent(channels="np.ones((channels, channels))"),
        "each filter sums the channels, as in a convolution",
    ),
    wrong(
        "channels averaged",
        tent(channels="np.full((channels, channels), 1 / channels)"),
        "each filter is the mean of the channels",
    ),
    wrong(
        "channels diluted",
        tent(channels="np.eye(channels) / channels"),
        "the weights of all channels must add up together",
    ),
    wrong(
        "the package's own initializer",
        """\
from course.initializers import Bilinear


def bilinear_kernel(stride, channels=1):
    size = 2 * stride - stride % 2
    return Bilinear(stride)((size, size, channels, channels))
""",
        "asking the library for it is building it",
        at_most=0,
    ),
]

ANSWERS = {
    "place": PLACE,
    "matrix-of-convolution": MATRIX,
    "general-matrix": GENERAL,
    "transposed-convolution": TRANSPOSED,
    "sharing-sizes": SHARING,
    "transposed-size": SIZE,
    "pictures": PICTURES,
    "bilinear-kernel": BILINEAR,
}
