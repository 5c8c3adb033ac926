"""Which inputs each layer's outputs look at: a rule for each kind of layer.

A rule gets the operation of a Keras graph and the spatial sizes of its input,
(h, w) or (t,), and returns `course.windows.Windows`, one an axis. Channels
last. Layers of one's own say it themselves, by a method `windows(sizes)`, or
through `register`; for several inputs see `windows_of_several`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from keras import layers

from course.arithmetic import per_axis
from course.windows import (
    Windows,
    adaptive_pool_windows,
    conv_windows,
    resize_windows,
    same_windows,
    shifted_windows,
    transposed_conv_windows,
    whole_windows,
)

Rule = Callable[[Any, tuple[int, ...]], Sequence[Windows]]
_RULES: dict[type, Rule] = {}


def register(*kinds: type) -> Callable[[Rule], Rule]:
    """Teach `receptive_field` a kind of layer or operation.

    Args:
        *kinds: Classes whose rule the decorated function is. It also holds for
            their subclasses, as long as they inherit `call`.

    Returns:
        A decorator for `rule(layer, sizes)`, where `sizes` are the input's
        spatial sizes, (h, w) or (t,), and the result has one
        `course.windows.Windows` an axis.

    Example:
        >>> import keras
        >>> class Blur(keras.layers.Layer):
        ...     def call(self, x):
        ...         return keras.ops.average_pool(x, 3, 1, "same")
        >>> @register(Blur)
        ... def rule(layer, sizes):
        ...     return [conv_windows(size, 3, padding=1) for size in sizes]
    """

    def remember(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(kinds, rule))
        return rule

    return remember


def windows(operation: Any, sizes: tuple[int, ...]) -> tuple[Windows, ...]:
    """The windows of an operation with one input, one an axis.

    Raises:
        ValueError: If there is no rule for it.
    """
    own = getattr(operation, "windows", None)
    if callable(own):
        return tuple(own(sizes))
    kind = type(operation)
    for base in kind.__mro__:
        rule = _RULES.get(base)
        if rule is not None and base.call is kind.call:
            return tuple(rule(operation, sizes))
    if kind.__module__.startswith("keras."):
        if kind.__name__ in (*_ELEMENTWISE, *_ONLY_IN_TRAINING):
            return _same(operation, sizes)
        if kind.__name__ in _BY_NAME:
            return tuple(_BY_NAME[kind.__name__](operation, sizes))
    raise unknown(operation)


def windows_of_several(
    operation: Any, sizes: Sequence[tuple[int, ...]]
) -> tuple[tuple[Windows, ...] | None, ...]:
    """The same for a layer with several inputs, which says it itself.

    Its method is `windows(*sizes)` and returns for each input one window an
    axis, or None where that input's values do not matter.

    Raises:
        ValueError: If it has none.
    """
    own = getattr(operation, "windows", None)
    if not callable(own):
        raise unknown(operation)
    return tuple(each and tuple(each) for each in own(*sizes))


def unknown(operation: Any) -> ValueError:
    """The error about an operation without a rule."""
    kind = type(operation)
    return ValueError(
        f"{operation.name} is a {kind.__module__}.{kind.__name__}, of which "
        "nothing is known about where its outputs look. Tell it: "
        "@course.receptive_field.register(" + kind.__name__ + ") before a "
        "function of the layer and its input's spatial sizes that returns a "
        "course.windows.Windows an axis, e.g. "
        "[conv_windows(size, kernel_size=3) for size in sizes]."
    )


@register(
    layers.Activation,
    layers.ActivityRegularization,
    layers.AlphaDropout,
    layers.BatchNormalization,
    layers.Dense,
    layers.Dropout,
    layers.ELU,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.Identity,
    layers.LeakyReLU,
    layers.Masking,
    layers.PReLU,
    layers.ReLU,
    layers.Rescaling,
    layers.Solarization,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
)
def _same(_layer, sizes):
    return tuple(same_windows(size) for size in sizes)


@register(
    layers.LayerNormalization,
    layers.Normalization,
    layers.RMSNormalization,
    layers.Softmax,
    layers.UnitNormalization,
)
def _along_axes(layer, sizes):
    """Each output looks along the layer's axes."""
    rank = len(sizes) + 2
    axes = layer.axis
    axes = axes if isinstance(axes, (list, tuple)) else [axes]
    looked = {axis % rank for axis in axes if axis is not None}
    return tuple(
        whole_windows(size) if axis in looked else same_windows(size)
        for axis, size in enumerate(sizes, start=1)
    )


@register(layers.GroupNormalization)
def _whole(_layer, sizes):
    """Its mean and variance are those of the whole map."""
    return tuple(whole_windows(size) for size in sizes)


@register(
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv3D,
    layers.DepthwiseConv1D,
    layers.DepthwiseConv2D,
    layers.SeparableConv1D,
    layers.SeparableConv2D,
)
def _conv(layer, sizes):
    _channels_last(layer)
    settings = zip(
        sizes,
        layer.kernel_size,
        layer.strides,
        layer.dilation_rate,
        strict=True,
    )
    for size, k, s, d in settings:
        padding = layer.padding
        if padding == "causal":
            padding = (d * (k - 1), 0)
        yield conv_windows(size, k, s, padding, d)


@register(
    layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose
)
def _transposed(layer, sizes):
    _channels_last(layer)
    extra = per_axis(layer.output_padding, len(sizes), "output_padding")
    for size, k, s, a, d in zip(
        sizes,
        layer.kernel_size,
        layer.strides,
        extra,
        layer.dilation_rate,
        strict=True,
    ):
        yield transposed_conv_windows(size, k, s, layer.padding, a, d)


@register(
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AveragePooling3D,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.MaxPooling3D,
)
def _pool(layer, sizes):
    _channels_last(layer)
    pools = per_axis(layer.pool_size, len(sizes), "pool_size")
    strides = per_axis(layer.strides, len(sizes), "strides")
    for size, k, s in zip(sizes, pools, strides, strict=True):
        yield conv_windows(size, k, s, layer.padding)


@register(
    layers.AdaptiveAveragePooling1D,
    layers.AdaptiveAveragePooling2D,
    layers.AdaptiveAveragePooling3D,
    layers.AdaptiveMaxPooling1D,
    layers.AdaptiveMaxPooling2D,
    layers.AdaptiveMaxPooling3D,
)
def _adaptive_pool(layer, sizes):
    _channels_last(layer)
    counts = per_axis(layer.output_size, len(sizes), "output_size")
    for size, count in zip(sizes, counts, strict=True):
        yield adaptive_pool_windows(size, count)


@register(
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.GlobalMaxPooling3D,
)
def _global_pool(layer, sizes):
    _channels_last(layer)
    return tuple(whole_windows(1) for _ in sizes)


@register(layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D)
def _zero_padding(layer, sizes):
    _channels_last(layer)
    for size, (before, after) in zip(sizes, _pairs(layer.padding), strict=True):
        yield shifted_windows(size, before, after)


@register(layers.Cropping1D, layers.Cropping2D, layers.Cropping3D)
def _cropping(layer, sizes):
    _channels_last(layer)
    pairs = _pairs(layer.cropping)
    for size, (before, after) in zip(sizes, pairs, strict=True):
        yield shifted_windows(size, -before, -after)


@register(layers.UpSampling1D, layers.UpSampling2D, layers.UpSampling3D)
def _upsampling(layer, sizes):
    _channels_last(layer)
    factors = per_axis(layer.size, len(sizes), "size")
    interpolation = getattr(layer, "interpolation", "nearest")
    for size, factor in zip(sizes, factors, strict=True):
        yield resize_windows(size, size * factor, interpolation)


@register(layers.TimeDistributed)
def _time_distributed(layer, sizes):
    """The layer inside looks at each moment by itself."""
    return (same_windows(sizes[0]), *windows(layer.layer, sizes[1:]))


@register(layers.Resizing)
def _resizing(layer, sizes):
    _channels_last(layer)
    special = {
        "antialias": getattr(layer, "antialias", False),
        "crop_to_aspect_ratio": layer.crop_to_aspect_ratio,
        "pad_to_aspect_ratio": layer.pad_to_aspect_ratio,
    }
    if any(special.values()):
        raise unknown(layer)
    for size, new in zip(sizes, (layer.height, layer.width), strict=True):
        yield resize_windows(size, new, layer.interpolation)


def _channels_last(layer):
    if getattr(layer, "data_format", None) == "channels_first":
        raise ValueError(
            f"{layer.name} has data_format='channels_first'. Expected "
            "'channels_last': build the model with "
            "keras.config.set_image_data_format('channels_last')."
        )


def _pairs(value):
    """(before, after) an axis; layers of one axis keep a single pair."""
    is_one = isinstance(value[0], int)
    return [value] if is_one else value


def _op_pool(operation, sizes):
    pools = per_axis(operation.pool_size, len(sizes), "pool_size")
    strides = operation.strides
    strides = pools if strides is None else strides
    strides = per_axis(strides, len(sizes), "strides")
    for size, k, s in zip(sizes, pools, strides, strict=True):
        yield conv_windows(size, k, s, operation.padding)


def _op_reduce(operation, sizes):
    """A mean, sum or extreme over axes; they stay, with length 1."""
    rank = len(sizes) + 2
    axes = operation.axis
    axes = axes if isinstance(axes, (list, tuple)) else [axes]
    looked = {axis % rank for axis in axes if axis is not None}
    if None in axes or not operation.keepdims:
        looked = set(range(rank))
    return tuple(
        whole_windows(1) if axis in looked else same_windows(size)
        for axis, size in enumerate(sizes, start=1)
    )


def _op_pad(operation, sizes):
    if operation.mode != "constant":
        raise unknown(operation)
    for size, pair in zip(sizes, operation.pad_width[1:-1], strict=True):
        yield shifted_windows(size, *pair)


def _op_resize(operation, sizes):
    for size, new in zip(sizes, operation.size, strict=True):
        yield resize_windows(size, new, operation.interpolation)


_BY_NAME = {
    "AveragePool": _op_pool,
    "MaxPool": _op_pool,
    "Amax": _op_reduce,
    "Amin": _op_reduce,
    "Max": _op_reduce,
    "Mean": _op_reduce,
    "Min": _op_reduce,
    "Std": _op_reduce,
    "Sum": _op_reduce,
    "Var": _op_reduce,
    "LogSoftmax": _along_axes,
    "Pad": _op_pad,
    "Resize": _op_resize,
    "Softmax": _along_axes,
    # of keras.applications
    "LayerScale": _same,
    "StochasticDepth": _same,
}
# Operations of keras.ops that look at each place by itself. With two inputs,
# as "Add", they look at the same place of both.
_ELEMENTWISE = (
    *("Absolute", "Add", "Arccos", "Arcsin", "Arctan", "Arctan2", "Cast"),
    *("Ceil", "Celu", "Clip", "Copy", "Cos", "Cosh", "Divide", "DivideNoNan"),
    *("Elu", "Equal", "Exp", "Exp2", "Expm1", "Floor", "FloorDivide", "Gelu"),
    *("Greater", "GreaterEqual", "HardShrink", "HardSigmoid", "HardSilu"),
    *("HardTanh", "Identity", "LeakyRelu", "Less", "LessEqual", "Log"),
    *("Log10", "Log1p", "Log2", "LogSigmoid", "Logaddexp", "Maximum"),
    *("Minimum", "Mod", "Multiply", "NanToNum", "Negative", "NotEqual"),
    *("Power", "Reciprocal", "Relu", "Relu6", "Round", "Rsqrt", "Selu"),
    *("Sigmoid", "Sign", "Silu", "Sin", "Sinh", "SoftShrink", "Softplus"),
    *("Softsign", "Sqrt", "Square", "Squareplus", "StopGradient", "Subtract"),
    *("Tan", "Tanh", "TanhShrink", "Threshold", "TrueDivide", "Where"),
)
# Layers that leave images as they are when a network predicts.
_ONLY_IN_TRAINING = (
    *("AugMix", "CutMix", "MixUp", "RandAugment", "RandomBrightness"),
    *("RandomColorDegeneration", "RandomColorJitter", "RandomContrast"),
    *("RandomElasticTransform", "RandomErasing", "RandomFlip"),
    *("RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert"),
    *("RandomPerspective", "RandomPosterization", "RandomRotation"),
    *("RandomSaturation", "RandomSharpness", "RandomShear"),
    *("RandomTranslation", "RandomZoom"),
)
MERGES = (
    layers.Add,
    layers.Average,
    layers.Concatenate,
    layers.Maximum,
    layers.Minimum,
    layers.Multiply,
    layers.Subtract,
)


def is_attention(operation: Any) -> bool:
    """Whether each of its outputs looks everywhere."""
    return isinstance(
        operation,
        (
            layers.AdditiveAttention,
            layers.Attention,
            layers.GroupQueryAttention,
            layers.MultiHeadAttention,
        ),
    )


def is_merge(operation: Any) -> bool:
    """Whether it joins several inputs place by place."""
    kind = type(operation)
    if isinstance(operation, layers.Layer):
        # that of keras.applications' InceptionResNetV2 adds, too
        is_theirs = kind.__module__.startswith("keras.")
        return isinstance(operation, MERGES) or (
            is_theirs and kind.__name__ == "CustomScaleLayer"
        )
    return kind.__name__ in (*_ELEMENTWISE, "Concatenate")
