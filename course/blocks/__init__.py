"""Blocks: functions that take a tensor, add layers to it, and return a tensor.

The layer that makes the returned tensor bears the block's `name`, so that
`model.get_layer(name).output` taps it; layers inside are called `name_part`.
"""

from course.blocks.aspp import aspp, aspp_decoder
from course.blocks.context import context
from course.blocks.conv import conv, depthwise, separable
from course.blocks.dense import (
    dense_block,
    transition,
    transition_down,
    transition_up,
)
from course.blocks.enlarge import enlarge
from course.blocks.fcn import fcn_head, scores, upscore
from course.blocks.fire import fire
from course.blocks.heads import dense_head, pooled_head, score_head
from course.blocks.inception import (
    inception_a,
    inception_b,
    inception_c,
    inception_naive,
    inception_reduced,
    inception_reduction,
)
from course.blocks.mlpconv import mlpconv
from course.blocks.pyramid import pyramid_pooling
from course.blocks.refine import chained_pooling, fusion, refine, residual_unit
from course.blocks.residual import (
    residual_basic,
    residual_bottleneck,
    shortcut_pad,
    shortcut_project,
)
from course.blocks.segnet import decoder_stage, deconv, encoder_stage
from course.blocks.unet import contraction, expansion
from course.blocks.xception import xception_module

__all__ = [
    "aspp",
    "aspp_decoder",
    "chained_pooling",
    "context",
    "contraction",
    "conv",
    "decoder_stage",
    "deconv",
    "dense_block",
    "dense_head",
    "depthwise",
    "encoder_stage",
    "enlarge",
    "expansion",
    "fcn_head",
    "fire",
    "fusion",
    "inception_a",
    "inception_b",
    "inception_c",
    "inception_naive",
    "inception_reduced",
    "inception_reduction",
    "mlpconv",
    "pooled_head",
    "pyramid_pooling",
    "refine",
    "residual_basic",
    "residual_bottleneck",
    "residual_unit",
    "score_head",
    "scores",
    "separable",
    "shortcut_pad",
    "shortcut_project",
    "transition",
    "transition_down",
    "transition_up",
    "upscore",
    "xception_module",
]
