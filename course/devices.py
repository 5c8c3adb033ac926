"""Where Keras computes."""

import keras


def devices() -> list[str]:
    """The devices that the backend sees, its default first.

    Returns:
        Names such as "gpu:0" or "cpu:0"; on torch the default device alone,
        because Keras has no list there.

    Example:
        >>> devices()[0].split(":")[0] in ("cpu", "gpu", "tpu")
        True
    """
    if keras.backend.backend() == "torch":
        kind, _, number = str(keras.ops.zeros(()).device).partition(":")
        return [f"{'gpu' if kind == 'cuda' else kind}:{number or 0}"]
    return [name.lower() for name in keras.distribution.list_devices()]
