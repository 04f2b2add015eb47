from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pixset.curation.errors import UsageError
from pixset.curation.labels.model_check import check_model
from pixset.curation.labels.onnx_model import OnnxEmbedder, Preparation, preparation_of
from support.models import saved

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
onnx = pytest.importorskip("onnx", reason="onnx, which makes the tests' models, is not here")

PICTURES = [Image.new("RGB", (50, 40), colour) for colour in ("red", "white", "navy")]


def direction(*numbers: float) -> Any:
    return pytest.approx(np.array(numbers) / np.linalg.norm(numbers), abs=1e-3)


def test_channels_first_or_last_are_found_in_the_file(tmp_path: Path) -> None:
    plain = preparation_of("0..255")
    for entry in (["n", 3, 64, 64], ["n", 64, 64, 3], ["n", 3, "h", "w"], [None, "h", "w", 3]):
        rows = OnnxEmbedder(saved(tmp_path / "m.onnx", entry), plain)(PICTURES)
        assert rows.shape == (3, 3)
        assert rows[0] == direction(255, 0, 0)
        assert rows[1] == direction(1, 1, 1)
        assert rows[2] == direction(0, 0, 1)


def test_rows_have_length_one_and_are_the_same_in_any_company(tmp_path: Path) -> None:
    embed = OnnxEmbedder(saved(tmp_path / "m.onnx", ["n", 3, 32, 32]))
    many = embed(PICTURES * 20)
    assert np.linalg.norm(many, axis=1) == pytest.approx(1)
    assert many[59] == pytest.approx(embed(PICTURES)[2])


def test_a_file_may_say_how_large_its_pictures_are(tmp_path: Path) -> None:
    entry: list[int | str] = ["n", 3, "h", "w"]
    model = saved(tmp_path / "m.onnx", entry, metadata={"input_size": "96"})
    assert OnnxEmbedder(model).shape.side == 96
    assert OnnxEmbedder(model, preparation_of("0..1@64")).shape.side == 64
    assert OnnxEmbedder(model).assumed
    wrong = saved(tmp_path / "w.onnx", entry, metadata={"input_size": "large"})
    with pytest.raises(UsageError, match="input_size"):
        OnnxEmbedder(wrong)


def test_the_same_model_under_another_name_or_scaling_is_known(tmp_path: Path) -> None:
    one = saved(tmp_path / "one.onnx", ["n", 3, 32, 32])
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(one.read_bytes())
    assert OnnxEmbedder(one).identity == OnnxEmbedder(copy).identity
    assert OnnxEmbedder(one, preparation_of("0..1")).identity != OnnxEmbedder(one).identity
    other = saved(tmp_path / "other.onnx", ["n", 3, 32, 32], metadata={"input_size": "32"})
    assert OnnxEmbedder(other).identity != OnnxEmbedder(one).identity


def test_a_fixed_number_of_pictures_a_call_is_filled_up(tmp_path: Path) -> None:
    embed = OnnxEmbedder(saved(tmp_path / "m.onnx", [2, 3, 32, 32]), preparation_of("0..255"))
    rows = embed(PICTURES)
    assert rows.shape == (3, 3)
    assert rows[2] == direction(0, 0, 1)


def test_scaling_is_the_callers_then_the_files_then_imagenets(tmp_path: Path) -> None:
    told = {"input_mean": "0,0,128", "input_std": "1"}
    model = saved(tmp_path / "m.onnx", ["n", 3, 32, 32], metadata=told)
    embed = OnnxEmbedder(model)
    assert not embed.assumed
    assert embed(PICTURES)[2] == pytest.approx(np.zeros(3), abs=1e-3)
    assert embed.preparation == Preparation((0, 0, 128), (1, 1, 1))
    assert OnnxEmbedder(model, preparation_of("0..255"))(PICTURES)[2] == direction(0, 0, 1)
    silent = OnnxEmbedder(saved(tmp_path / "silent.onnx", ["n", 3, 32, 32]))
    assert silent.assumed
    assert silent.preparation.mean[0] == pytest.approx(0.485 * 255)


def test_the_output_that_is_called_features_is_taken_and_maps_are_averaged(
    tmp_path: Path,
) -> None:
    many = saved(tmp_path / "m.onnx", ["n", 3, 32, 32], outputs=("logits", "features"))
    assert OnnxEmbedder(many).shape.output == "features"
    maps = saved(tmp_path / "map.onnx", ["n", 3, 32, 32], outputs=("map",))
    assert OnnxEmbedder(maps, preparation_of("0..255"))(PICTURES).shape == (3, 3)


def test_bytes_and_half_floats_are_fed_as_the_model_wants(tmp_path: Path) -> None:
    for kind in (onnx.TensorProto.UINT8, onnx.TensorProto.FLOAT16):
        model = saved(tmp_path / "m.onnx", ["n", 16, 16, 3], kind=kind)
        assert OnnxEmbedder(model, preparation_of("0..255"))(PICTURES)[0] == direction(1, 0, 0)


@pytest.mark.parametrize(
    ("text", "mean", "std", "side"),
    [
        ("imagenet", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375), None),
        ("-1..1", (127.5,) * 3, (127.5,) * 3, None),
        ("0..1@160", (0.0,) * 3, (255.0,) * 3, 160),
        ("127/128@224", (127.0,) * 3, (128.0,) * 3, 224),
        ("1,2,3/4,5,6", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), None),
    ],
)
def test_a_preparation_is_a_name_or_mean_and_std(
    text: str, mean: tuple[float, ...], std: tuple[float, ...], side: int | None
) -> None:
    found = preparation_of(text)
    assert (found.mean, found.std, found.side) == (mean, std, side)


@pytest.mark.parametrize(
    "text",
    [
        *("", "dogs", "127", "1,2/3", "0..1@x", "0..1@4", "0..1@99999"),
        *("127/0", "1,2,3/4,0,6", "127/-1", "nan/1", "1/inf", "0/1,nan,1"),
    ],
)
def test_a_preparation_that_is_none_is_one_line(text: str) -> None:
    with pytest.raises(UsageError, match="expected imagenet"):
        preparation_of(text)


def test_a_file_that_is_no_model_of_pictures_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        OnnxEmbedder(tmp_path / "absent.onnx")
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(UsageError, match="is no ONNX model"):
        OnnxEmbedder(tmp_path / "bad.onnx")
    with pytest.raises(UsageError, match="takes no pictures"):
        OnnxEmbedder(saved(tmp_path / "five.onnx", ["n", 5, 32, 32]))
    with pytest.raises(UsageError, match="only that square"):
        OnnxEmbedder(saved(tmp_path / "m.onnx", ["n", 3, 32, 32]), preparation_of("0..1@64"))
    for metadata in ({"input_mean": "pale"}, {"input_std": "0"}, {"input_mean": "nan"}):
        odd = saved(tmp_path / "odd.onnx", ["n", 3, 8, 8], metadata=metadata)
        with pytest.raises(UsageError, match="are no numbers to scale by"):
            OnnxEmbedder(odd)


def test_a_model_that_makes_sense_is_told_from_one_that_does_not(tmp_path: Path) -> None:
    model = saved(tmp_path / "m.onnx", ["n", 3, 64, 64])
    found = {one.name: one for one in check_model(model, preparation_of("0..255"))}
    assert found["sense"].state == "ok"
    assert found["input"].message == "x: (n, 3, side, side), 64 x 64 pixels"
    assert "as --preparation says" in found["preparation"].message
    # Scaled to next to nothing, every picture looks the same.
    blind = {one.name: one for one in check_model(model, preparation_of("-9e9/1"))}
    assert blind["sense"].state == "bad"
    assert {one.name: one.state for one in check_model(model)}["preparation"] == "note"


def test_doctor_says_what_a_model_file_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pixset.datasets.commands.doctor import doctor

    doctor(model=saved(tmp_path / "m.onnx", ["n", 3, 64, 64]), preparation="0..255")
    printed = capsys.readouterr().out
    assert "ok    sense: likeness of" in printed
    assert "64 x 64 pixels" in printed
