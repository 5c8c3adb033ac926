"""Half as many bits where they do."""

import keras


def set_precision(model: keras.Model, policy: str) -> None:
    """Let a model compute in another precision, its outputs in float32.

    With "mixed_float16" or "mixed_bfloat16" layers keep their variables in
    float32 and compute in 16 bits. The layers that make the model's outputs
    stay in float32: a softmax, or a loss of logits, in 16 bits loses digits.
    Micikevicius et al., 2018, arXiv:1710.03740; float16 needs the loss scaled,
    which Keras does when such a model is compiled.

    Args:
        model: A Functional or Sequential model, whose variables are float32;
            changed in place, and saved with its new policy.
        policy: "float32", "mixed_float16" or "mixed_bfloat16".

    Raises:
        ValueError: If the policy is none of these.

    Example:
        >>> inputs = keras.Input((3,))
        >>> hidden = keras.layers.Dense(2, name="hidden")(inputs)
        >>> model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
        >>> set_precision(model, "mixed_bfloat16")
        >>> [layer.compute_dtype for layer in model.layers[1:]]
        ['bfloat16', 'float32']
    """
    known = ("float32", "mixed_float16", "mixed_bfloat16")
    if policy not in known:
        raise ValueError(
            f"precision={policy!r}. Expected one of {', '.join(known)}: "
            "variables are float32 in each."
        )
    outputs = {id(tensor._keras_history.operation) for tensor in model.outputs}
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.InputLayer):
            continue
        layer.dtype_policy = "float32" if id(layer) in outputs else policy
    # functions that were compiled before know the old one
    model.train_function = model.test_function = model.predict_function = None
