"""Each format's own: read back with readers that pixset did not write, where there are any."""

from __future__ import annotations

import csv
import io
import json
import os
import struct
import tarfile
from pathlib import Path

import pytest
from PIL import Image
from pixset.datasets.errors import UsageError
from pixset.datasets.exporters import ExportOptions, export, open_tree
from pixset.datasets.exporters.tfrecord import example


def test_class_folders_keep_the_trees_shape_and_card(tree: Path, tmp_path: Path) -> None:
    export(tree.parent, "folders", tmp_path / "out")
    here = {p.relative_to(tree).as_posix(): p.read_bytes() for p in tree.rglob("*.jpg")}
    there = {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes()
        for p in (tmp_path / "out").rglob("*.jpg")
    }
    assert here == there
    assert (tmp_path / "out" / "README.md").read_bytes() == (tree / "README.md").read_bytes()


def test_hard_links_share_the_trees_files(tree: Path, tmp_path: Path) -> None:
    export(tree, "folders", tmp_path / "out", ExportOptions(link="hard"))
    for path in (tmp_path / "out").rglob("*.jpg"):
        assert path.samefile(tree / path.relative_to(tmp_path / "out"))
        assert not path.is_symlink()


def test_symbolic_links_survive_the_rename_and_a_relative_out(
    tree: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = Path(os.path.relpath(tmp_path / "out"))
    export(tree, "folders", out, ExportOptions(link="sym"))
    links = list((tmp_path / "out").rglob("*.jpg"))
    assert len(links) == 33
    assert all(path.is_symlink() and path.read_bytes()[-2:] == b"\xff\xd9" for path in links)
    # The class folders themselves are real: Hugging Face loses linked ones.
    assert not any(path.is_symlink() for path in (tmp_path / "out").glob("*/*"))


def test_the_val_folder_can_be_named_for_fastai(tree: Path, tmp_path: Path) -> None:
    export(tree, "folders", tmp_path / "out", ExportOptions(val_name="valid"))
    assert {p.name for p in (tmp_path / "out").iterdir() if p.is_dir()} == {"train", "valid"}
    assert '"path": "valid/**"' in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_flat_folders_have_no_sides(tree: Path, tmp_path: Path) -> None:
    export(tree, "folders", tmp_path / "out", ExportOptions(flat=True))
    assert {p.name for p in (tmp_path / "out").iterdir() if p.is_dir()} == {
        "daisy",
        "rose",
        "tulip",
    }


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (ExportOptions(val_name="eval"), "--val-name"),
        (ExportOptions(link="ref"), "--link"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    tree: Path, tmp_path: Path, settings: ExportOptions, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        export(tree, "folders", tmp_path / "out", settings)
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_lists_the_known_ones(tree: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="webdataset"):
        export(tree, "lmdb", tmp_path / "out")


def test_shards_hold_whole_samples_with_keys_without_dots(tree: Path, tmp_path: Path) -> None:
    export(tree, "webdataset", tmp_path / "out", ExportOptions(shard_size=10))
    shards = sorted(path.name for path in (tmp_path / "out").glob("*.tar"))
    assert shards == [
        "three_flowers-train-000000.tar",
        "three_flowers-train-000001.tar",
        "three_flowers-train-000002.tar",
        "three_flowers-val-000000.tar",
    ]
    with tarfile.open(tmp_path / "out" / shards[0]) as tar:
        members = tar.getmembers()
        assert len(members) == 30
        assert all(m.isreg() and m.mtime == m.uid == m.gid == 0 for m in members)
        first = [m.name for m in members[:3]]
        key = first[0].split(".")[0]
        assert first == [f"{key}.jpg", f"{key}.cls", f"{key}.json"]
        label = int((tar.extractfile(first[1]) or io.BytesIO()).read())
        row = json.loads((tar.extractfile(first[2]) or io.BytesIO()).read())
        assert row["file_name"].split("/")[1] == ("daisy", "rose", "tulip")[label]
        image = Image.open(tar.extractfile(first[0]) or io.BytesIO())
        assert image.mode == "RGB"


def test_the_seed_orders_shards_and_labels_are_mixed(tree: Path, tmp_path: Path) -> None:
    opened = open_tree(tree)
    order = [picture.id for picture in opened.shuffled("train", 0)]
    assert order != [picture.id for picture in opened.shuffled("train", 1)]
    assert sorted(order) == sorted(picture.id for picture in opened.of("train"))
    first = [picture.label for picture in opened.shuffled("train", 0)][:8]
    assert len(set(first)) > 1


def test_a_shard_of_no_pictures_is_refused(tree: Path, tmp_path: Path) -> None:
    for form in ("webdataset", "parquet", "tfrecord"):
        with pytest.raises(UsageError, match="--shard-size 0"):
            export(tree, form, tmp_path / "out", ExportOptions(shard_size=0))


def test_parquet_holds_bytes_labels_and_hugging_faces_features(tree: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    export(tree, "parquet", tmp_path / "out", ExportOptions(shard_size=10))
    shards = sorted((tmp_path / "out" / "data").glob("train-*.parquet"))
    assert len(shards) == 3
    table = parquet.read_table(shards[0])
    info = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert info["image"] == {"_type": "Image"}
    assert info["label"]["names"] == ["daisy", "rose", "tulip"]
    rows = [row for shard in shards for row in parquet.read_table(shard).to_pylist()]
    by_id = {picture.id: picture for picture in open_tree(tree).of("train")}
    assert len(rows) == 24
    for row in rows:
        picture = by_id[row["id"]]
        assert row["image"]["bytes"] == (tree / picture.file_name).read_bytes()
        assert row["label"] == picture.label_id
        assert row["title"] == picture.data["title"]
        assert row["hits"] == picture.data["hits"]
        assert json.loads(row["a_later_column"]) == {"of": ["a", "newer", "pixset"]}


def test_side_tables_hold_the_columns_that_every_picture_fills(tree: Path, tmp_path: Path) -> None:
    export(tree, "csv", tmp_path / "csv")
    export(tree, "jsonl", tmp_path / "jsonl")
    with (tmp_path / "csv" / "val" / "metadata.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    text = (tmp_path / "jsonl" / "val" / "metadata.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert list(table[0])[:3] == list(lines[0])[:3] == ["file_name", "label", "label_id"]
    assert len(table) == len(lines) == 9
    assert "title" not in lines[0]
    assert "sha256" in lines[0]
    for one, other in zip(table, lines, strict=True):
        assert one["file_name"] == other["file_name"]
        assert (tmp_path / "csv" / "val" / one["file_name"]).is_file()
        assert int(one["label_id"]) == other["label_id"]


def test_urls_list_the_likeliest_address_first_and_no_picture(tree: Path, tmp_path: Path) -> None:
    export(tree, "urls", tmp_path / "out")
    with (tmp_path / "out" / "urls.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 33
    assert sum(row["url"] == "" for row in table) == 3  # came inside the page: no address
    assert {len(row["source_sha256"]) for row in table} == {64}
    assert not list((tmp_path / "out").rglob("*.jpg"))


def test_a_tfrecord_is_framed_with_masked_checksums(tree: Path, tmp_path: Path) -> None:
    crc = pytest.importorskip("google_crc32c")
    export(tree, "tfrecord", tmp_path / "out")

    def masked(data: bytes) -> int:
        value = crc.value(data)
        return (((value >> 15) | (value << 17)) + 0xA282EAD8) & 0xFFFFFFFF

    data = (tmp_path / "out" / "three_flowers-train.tfrecord-00000-of-00001").read_bytes()
    count, at = 0, 0
    while at < len(data):
        length, check = struct.unpack_from("<QI", data, at)
        assert check == masked(data[at : at + 8])
        record = data[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", data, at + 12 + length)[0] == masked(record)
        assert b"image/encoded" in record
        at += 16 + length
        count += 1
    assert count == 24


def test_an_example_is_the_protobuf_that_tensorflow_writes() -> None:
    # tf.train.Example with a = int64 [300] and b = bytes ["x"],
    # SerializeToString(deterministic=True), TensorFlow 2.21
    written = "0a190a0b0a016112061a040a02ac020a0a0a016212050a030a0178"
    assert b"".join(example({"b": b"x", "a": 300})).hex() == written


def test_croissant_describes_files_fields_and_the_newest_day(tree: Path, tmp_path: Path) -> None:
    export(tree, "croissant", tmp_path / "out")
    about = json.loads((tmp_path / "out" / "croissant.json").read_text("utf-8"))
    assert about["datePublished"] == "2026-03-09"
    assert about["url"].startswith("urn:sha256:")
    files = {entry["@id"]: entry for entry in about["distribution"]}
    assert files["pictures-files"]["includes"] == ["train/*/*.jpg", "val/*/*.jpg"]
    named = export(
        tree,
        "croissant",
        tmp_path / "out",
        ExportOptions(url="https://a.org/", published="2026-01-02"),
    )
    about = json.loads((named.out / "croissant.json").read_text("utf-8"))
    assert (about["url"], about["datePublished"]) == ("https://a.org/", "2026-01-02")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"file_name": "../secret.jpg"}, "leads out of the tree"),
        ({"file_name": "/etc/passwd"}, "leads out of the tree"),
        ({"split": "dev"}, "expected train, val or test"),
        ({"label": "orchid"}, "not in classes.txt"),
        ({"id": None}, "lacks 'id'"),
    ],
)
def test_a_manifest_that_lies_is_refused(
    tree: Path, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    lines = (tree / "manifest.jsonl").read_text("utf-8").splitlines()
    lines[4] = json.dumps({**json.loads(lines[4]), **change})
    (tree / "manifest.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(UsageError, match=says):
        export(tree, "folders", tmp_path / "out")


def test_a_torn_manifest_is_named_by_line(tree: Path, tmp_path: Path) -> None:
    text = (tree / "manifest.jsonl").read_text("utf-8")
    (tree / "manifest.jsonl").write_text(text[:-40], "utf-8")
    with pytest.raises(UsageError, match=r"manifest.jsonl:33: expected one JSON object"):
        export(tree, "folders", tmp_path / "out")


def test_a_folder_without_a_tree_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pixset split"):
        export(tmp_path, "folders", tmp_path / "out")
