"""Each network layer by layer, with random weights: what the five descriptions say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def kinds(model: keras.Model) -> list[str]:
    return [type(layer).__name__ for layer in model.layers]


def test_the_pizza_network_is_rescaling_three_convolutions_with_pooling_flatten_and_dense(
    module: Callable[[str], ModuleType],
) -> None:
    model = module("pizza/train.py").network(2)
    assert kinds(model) == [
        "Rescaling",
        *["Conv2D", "MaxPooling2D"] * 3,
        "Flatten",
        "Dense",
    ]
    assert isinstance(model, keras.Sequential)
    assert model.input_shape == (None, 180, 180, 3)
    assert model.output_shape == (None, 2)
    assert model.layers[0].scale == pytest.approx(1 / 255)
    assert all(layer.activation.__name__ == "relu" for layer in model.layers[1:6:2])
    assert type(model.optimizer).__name__ == "Adam"
    assert model.loss == "sparse_categorical_crossentropy"


def test_what_is_better_in_the_pizza_network_stands_behind_flags(
    module: Callable[[str], ModuleType],
) -> None:
    model = module("pizza/train.py").network(2, pooling=True, augment=True)
    assert kinds(model)[:3] == ["RandomFlip", "RandomRotation", "RandomZoom"]
    assert "GlobalAveragePooling2D" in kinds(model)
    assert "Flatten" not in kinds(model)


def test_the_scene_network_is_a_frozen_mobilenet_and_two_dense_layers_with_dropout(
    module: Callable[[str], ModuleType],
) -> None:
    model = module("scenes/network.py").network(36, "none")
    assert kinds(model) == [
        "InputLayer",
        "Functional",
        "GlobalAveragePooling2D",
        "Dense",
        "Dropout",
        "Dense",
        "Dropout",
        "Dense",
    ]
    base = model.layers[1]
    assert base.name.startswith("mobilenetv2")
    assert base.input_shape == (None, 160, 160, 3)
    assert base.trainable_weights == []
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [256, 256, 36]
    assert [layer.activation.__name__ for layer in dense] == ["relu", "relu", "softmax"]
    assert {layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)} == {
        0.5
    }
    assert model.loss == "categorical_crossentropy"
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)


@pytest.mark.parametrize(("value", "scaled"), [(0.0, -1.0), (127.5, 0.0), (255.0, 1.0)])
def test_the_scene_network_scales_its_own_pixels_to_minus_one_to_one(
    module: Callable[[str], ModuleType], value: float, scaled: float
) -> None:
    model = module("scenes/network.py").network(3, "none")
    base = model.layers[1]
    entry = base._inbound_nodes[-1].input_tensors[0]  # noqa: SLF001 (what it is fed; no public way)
    before = keras.Model(model.inputs, entry)
    pixels = np.full((1, 160, 160, 3), value, "float32")
    assert np.asarray(before(pixels)) == pytest.approx(scaled)


def test_the_flower_network_is_augmentation_a_frozen_resnet_and_dense_layers_with_dropout(
    module: Callable[[str], ModuleType],
) -> None:
    model, base = module("flowers/train.py").network(5, "none")
    assert kinds(model) == [
        "InputLayer",
        "Sequential",
        "Functional",
        "GlobalAveragePooling2D",
        *["Dense", "Dropout"] * 3,
        "Dense",
    ]
    augmentation = model.layers[1]
    assert {type(layer).__name__ for layer in augmentation.layers} == {
        "RandomRotation",
        "RandomTranslation",
        "RandomShear",
        "RandomZoom",
        "RandomFlip",
    }
    assert base.name.startswith("resnet50")
    assert base.input_shape == (None, 224, 224, 3)
    assert base.trainable_weights == []
    assert {layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)} == {
        0.5
    }
    assert model.output_shape == (None, 5)


def test_the_thousand_class_networks_have_their_own_sizes(
    module: Callable[[str], ModuleType],
) -> None:
    networks = module("classify/networks.py")
    assert {name: entry[2] for name, entry in networks.STOCK.items()} == {
        "resnet50": 224,
        "vgg16": 224,
        "vgg19": 224,
        "inceptionv3": 299,
        "xception": 299,
    }
    for function, preparation, _ in networks.STOCK.values():
        assert callable(getattr(keras.applications, function))
        assert callable(getattr(keras.applications, preparation).preprocess_input)
    assert len(networks.classes()) == len(set(networks.classes())) == 1000
    assert networks.classes()[963] == "pizza"
