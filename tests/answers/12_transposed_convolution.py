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

ANSWERS = {
    "matrix-of-convolution": MATRIX,
    "transposed-convolution": TRANSPOSED,
    "transposed-size": SIZE,
}

SURVIVORS = {
    "matrix-of-convolution": {
        "window = np.zeros((h + 2 * padding, w + 2 * padding)) -> "
        "window = np.zeros((h + 3 * padding, w + 2 * padding))": (
            "more zeros below the image, where no row of C looks"
        ),
        "window = np.zeros((h + 2 * padding, w + 2 * padding)) -> "
        "window = np.zeros((h + 2 * padding, w + 3 * padding))": (
            "more zeros right of the image, where no row of C looks"
        ),
    },
}
