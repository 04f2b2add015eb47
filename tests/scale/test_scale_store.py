"""Stores: S3 by moto's server, damage, other inputs, and stores that are none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from clusters import KEYS, held, kill_all, start
from machine import files, pixset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sites import Site

pytestmark = pytest.mark.timeout(600)
MADE = ("look", "candidates", "families", "split", "parquet")


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """The environment of a process that finds a bucket called `bucket`."""
    pytest.importorskip("s3fs", reason="the extra `ray` is not installed")
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    import boto3

    running = server.ThreadedMotoServer(port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    env = {**os.environ, **KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    client = boto3.client(
        "s3", endpoint_url=env["AWS_ENDPOINT_URL"], aws_access_key_id="test",
        aws_secret_access_key="test", region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket="bucket")
    try:
        yield env
    finally:
        client.close()
        running.stop()


def run_again(manifest: Path, root: object, env: dict[str, str] | None = None) -> None:
    done = pixset("scale", "run", manifest, "--store", root, "--allow-private", env=env)
    assert done.returncode == 0, done.stderr


def test_a_run_on_s3_gives_the_bytes_of_a_run_in_a_folder(
    s3: dict[str, str], manifest: Path, whole: Path, tmp_path: Path
) -> None:
    run_again(manifest, "s3://bucket/run", s3)
    said = pixset("scale", "status", "--store", "s3://bucket/run", "--json", env=s3)
    assert all(one["done"] == one["parts"] for one in json.loads(said.stdout)["stages"])
    assert objects(s3, "run", MADE) == files(whole, *MADE)


def objects(env: dict[str, str], prefix: str, below: tuple[str, ...]) -> dict[str, bytes]:
    import s3fs

    fs = s3fs.S3FileSystem(
        key="test", secret="test", endpoint_url=env["AWS_ENDPOINT_URL"], asynchronous=False
    )
    found = {}
    for folder in below:
        for path in fs.find(f"bucket/{prefix}/{folder}"):
            name = path.removeprefix(f"bucket/{prefix}/")
            if not name.endswith(".done"):
                found[name] = fs.cat_file(path)
    return found


def test_a_bucket_that_is_not_there_is_one_line(s3: dict[str, str], manifest: Path) -> None:
    done = pixset("scale", "run", manifest, "--store", "s3://nowhere/run", env=s3)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("pixset: s3://nowhere/run/plan")


def test_what_is_damaged_or_made_of_something_else_is_made_again(
    manifest: Path, whole: Path, tmp_path: Path
) -> None:
    root = tmp_path / "run"
    shutil.copytree(whole, root)
    tar = min((root / "fetch").glob("*.tar"))
    tar.write_bytes(tar.read_bytes()[:2000])
    facts = max((root / "look").glob("*.facts.jsonl"))
    facts.unlink()
    bin_ = min((root / "families").glob("*.done"))
    bin_.write_text(bin_.read_text().replace('"inputs": "', '"inputs": "0'))
    shard = min((root / "parquet/data").glob("train-*"))
    shard.write_bytes(b"")
    min((root / "candidates").glob("*.done")).write_bytes(b"{")
    (root / "plan/plan.json").write_bytes(b"[")
    run_again(manifest, root)
    assert files(root, "fetch", *MADE) == files(whole, "fetch", *MADE)


def test_a_process_that_is_killed_goes_on(
    manifest: Path, whole: Path, tmp_path: Path, served: Site
) -> None:
    words = ["scale", "run", manifest, "--store", tmp_path, "--allow-private"]
    with held(served.hosts[2], "/8.jpg") as page:
        running = start(*words)
        assert page.asked.wait(240)
        kill_all([running.pid])
        running.wait()
    run_again(manifest, tmp_path)
    assert files(tmp_path, *MADE) == files(whole, *MADE)


def test_shards_have_the_stated_size_and_stale_ones_go(
    manifest: Path, whole: Path, tmp_path: Path
) -> None:
    root = tmp_path / "run"
    shutil.copytree(whole, root)
    mine = root / "parquet/data/mine.txt"
    mine.write_text("not pixset's")
    words = ["scale", "run", manifest, "--store", root, "--allow-private", "--shard-size", "5"]
    assert pixset(*words).returncode == 0
    shards = sorted(path.name for path in (root / "parquet/data").glob("train-*"))
    assert len(shards) > 2
    assert {name[-13:-8] for name in shards} == {f"{len(shards):05}"}
    assert mine.is_file()
    listed = (root / "split").glob("train-*.jsonl")
    assert max(len(path.read_bytes().splitlines()) for path in listed) == 5


@pytest.mark.parametrize("form", ["parquet", "webdataset"])
def test_hugging_face_reads_the_export(
    form: str, manifest: Path, whole: Path, tmp_path: Path
) -> None:
    root = tmp_path / "run"
    shutil.copytree(whole, root)
    done = pixset("scale", "run", manifest, "--store", root, "--allow-private", "--format", form)
    assert done.returncode == 0, done.stderr
    read = (
        "import sys; from datasets import load_dataset; d = load_dataset(sys.argv[1], "
        "cache_dir=sys.argv[2]); print({name: len(part) for name, part in d.items()}); "
        "print(d['train'][0]['image' if 'image' in d['train'].features else 'jpg'].size)"
    )
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", read, root / form, tmp_path / "cache"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert loaded.returncode == 0, loaded.stderr[-2000:]
    counts = json.loads((root / form / "export.json").read_text())["pictures"]
    assert f"'train': {counts['train']}, 'validation': {counts['val']}" in loaded.stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--store", "nothing://here"], "no store can be opened there"),
        (["--store", "run", "--on", "spark"], "--on 'spark': expected one of local, ray"),
        (["--store", "run", "--until", "lunch"], "--until 'lunch': expected one of plan"),
        (["--store", "run", "--format", "csv"], "--format 'csv': expected one of"),
    ],
)
def test_what_cannot_be_is_one_line(words: list[str], line: str, manifest: Path) -> None:
    done = pixset("scale", "run", manifest, *words)
    assert done.returncode == 2
    assert line in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
