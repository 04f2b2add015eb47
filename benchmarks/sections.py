"""What `make bench` runs: each benchmark with its arguments at both sizes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark: its script and its arguments, in which `{…}` is a place or a peer's Python."""

    name: str
    title: str
    script: str
    full: str
    quick: str
    peers: tuple[str, ...] = field(default=())

    @property
    def wants_samples(self) -> bool:
        """Whether it reads real pictures, which are not in the repository."""
        return "{samples}" in self.full

    def words(self, size: str, there: dict[str, str]) -> list[str]:
        """The arguments, without the options of a peer that is not there."""
        given = (self.full if size == "full" else self.quick).split()
        for name in [name for name in self.peers if name not in there]:
            at = next(n for n, word in enumerate(given) if word.startswith(f"{{{name}"))
            del given[at - 1 : at + 1]
        return given


SECTIONS = (
    Section("fetch", "`pixset fetch` and the bring pass beside img2dataset", "fetch_speed.py",
            "--pictures 5000 20000 --alone 1000 10000 50000 --runs 1 --peer-threads 16 "
            "--peer-home {img2dataset_home}",
            "--pictures 500 --alone 250 500 1000 --runs 1 --peer-threads 16 "
            "--peer-home {img2dataset_home}", ("img2dataset",)),
    Section("tree", "The tree and `verify` beside split-folders", "build_speed.py",
            "--pictures 10000 --peer {split-folders}",
            "--pictures 300 --rounds 1 --peer {split-folders}", ("split-folders",)),
    Section("split_again", "`split` again, with nothing new", "split_again.py",
            "--pictures 1000 10000", "--pictures 100 200"),
    Section("exports", "Exports beside copying the bytes", "export_speed.py",
            "--pictures 1000 3000 10000", "--pictures 100 200 400"),
    Section("dataset", "The commands on a dataset, first and again", "dataset_speed.py",
            "--pictures 1000 3000 10000", "--pictures 100 200 400"),
    Section("folder", "The commands on a plain folder of photographs", "folder_speed.py",
            "{samples}/images/photos --sizes 1000 3000 10000",
            "{samples}/images/photos --sizes 100 200"),
    Section("catalogue", "Catalogue, `status` and the review page", "catalogue_size.py",
            "--pictures 10000 30000 100000", "--pictures 1000 2000 4000"),
    Section("look", "One look beside imagededup and cleanvision", "checks.py",
            "{pictures} --imagededup {imagededup} --cleanvision {cleanvision}",
            "{pictures} --rounds 1 --imagededup {imagededup} --cleanvision {cleanvision}",
            ("imagededup", "cleanvision")),
    Section("hashing", "One look beside its decoding and imagehash", "hashing.py",
            "{samples}/images/photos --count 3 --rounds 12",
            "{samples}/images/photos --count 2 --rounds 2"),
    Section("join", "All pairs within 8 bits", "join.py", "", "--sizes 10000 100000"),
    Section("copies", "Copies at size: joins, crowds, growth", "copies_at_size.py",
            "--joins 100000 --mugs 100 400 2000 --receipts 100 400 "
            "--launches {samples}/images/sets/rocket_launch "
            "--photos {samples}/images/photos --sizes 1000 3000 10000",
            "--mugs 100 --photos {samples}/images/photos --sizes 100 200"),
    Section("growth", "Copies: photographs from 1,000 to 30,000", "copies_at_size.py",
            "--once --side 200 --photos {samples}/images/photos --sizes 1000 3000 10000 30000",
            "--once --side 200 --photos {samples}/images/photos --sizes 100 200 400"),
    Section("growth_100k", "Copies: 100,000 photographs", "copies_at_size.py",
            "--once --side 200 --photos {samples}/images/photos --sizes 100000",
            "--once --side 200 --photos {samples}/images/photos --sizes 800"),
    Section("nights", "Copies: 10,000 night scenes of one kind", "copies_at_size.py",
            "--once --launches {samples}/images/sets/rocket_launch --made 9132",
            "--once --launches {samples}/images/sets/rocket_launch --made 100"),
    Section("neardup", "Copies found, look-alikes kept, splits", "neardup.py",
            "{samples}/images --made 30", "{samples}/images --rows TRAP --made 5"),
    Section("planted", "Little things planted on photographs", "planted.py",
            "{samples}/images/photos --count 8 --seeds 11 12",
            "{samples}/images/photos --count 1 --seeds 11"),
    Section("kinds", "Drawn pairs of many kinds, and their copies", "kinds.py",
            "--each 30", "--each 1"),
    Section("doubts", "Pairs whose true answer is a doubt", "doubts.py",
            "{samples}/images/photos --each 20 --seeds 21 22 31 41 51",
            "{samples}/images/photos --each 2 --seeds 21"),
    Section("blank", "Nothing in it, or something small", "blank.py",
            "--seed 9", "--count 4 --seed 9"),
    Section("end_to_end", "One folder, what each tool would remove", "end_to_end.py",
            "both {samples}/images/photos --imagededup {imagededup} --cleanvision {cleanvision}",
            "both {samples}/images/photos", ("imagededup", "cleanvision")),
    Section("parse", "Parsing as a page grows", "parse_growth.py", "", ""),
    Section("mission", "The whole job on the replica, and once more", "mission.py",
            "--per-class 5000", "--per-class 20"),
)  # fmt: skip
