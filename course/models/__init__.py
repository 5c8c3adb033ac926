"""Networks, one file a paper: factories that return a `keras.Model`."""

from course.models.alexnet import alexnet
from course.models.deconvnet import deconvnet
from course.models.dilated_vgg import dilated_vgg
from course.models.fcn import fcn
from course.models.lenet5 import lenet5
from course.models.mobilenet import mobilenet
from course.models.nin import nin
from course.models.segnet import segnet
from course.models.squeezenet import squeezenet
from course.models.unet import unet
from course.models.vgg import vgg

__all__ = [
    "alexnet",
    "deconvnet",
    "dilated_vgg",
    "fcn",
    "lenet5",
    "mobilenet",
    "nin",
    "segnet",
    "squeezenet",
    "unet",
    "vgg",
]
