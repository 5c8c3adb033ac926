"""Networks, one file a paper: factories that return a `keras.Model`."""

from course.models.alexnet import alexnet
from course.models.deconvnet import deconvnet
from course.models.deeplab_v3_plus import deeplab_v3_plus
from course.models.densenet import densenet
from course.models.dilated_vgg import dilated_vgg
from course.models.fc_densenet import fc_densenet
from course.models.fcn import fcn
from course.models.googlenet import googlenet
from course.models.inception_v2 import inception_v2
from course.models.inception_v3 import inception_v3
from course.models.lenet5 import lenet5
from course.models.mobilenet import mobilenet
from course.models.nin import nin
from course.models.pspnet import pspnet
from course.models.refinenet import refinenet
from course.models.resnet import resnet
from course.models.resnet_cifar import resnet_cifar
from course.models.segnet import segnet
from course.models.squeezenet import squeezenet
from course.models.unet import unet
from course.models.vgg import vgg
from course.models.yolo_v1 import yolo_v1

__all__ = [
    "alexnet",
    "deconvnet",
    "deeplab_v3_plus",
    "densenet",
    "dilated_vgg",
    "fc_densenet",
    "fcn",
    "googlenet",
    "inception_v2",
    "inception_v3",
    "lenet5",
    "mobilenet",
    "nin",
    "pspnet",
    "refinenet",
    "resnet",
    "resnet_cifar",
    "segnet",
    "squeezenet",
    "unet",
    "vgg",
    "yolo_v1",
]
