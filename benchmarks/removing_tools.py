"""What each tool of end_to_end.py would remove from `folder`, as code for its own interpreter."""

from __future__ import annotations

from command import TORCHVISION

TOOLS = {
    "pixset": """
from pathlib import Path
from pixset.curation.folders.folder import dedupe_folder
report = dedupe_folder(Path(folder), cache=False)
names = [path.name for path, _ in report.dropped()]
""",
    "imagededup": f"""{TORCHVISION}
from imagededup.methods import PHash
names = PHash(verbose=False).find_duplicates_to_remove(image_dir=folder)
""",
    "cleanvision": """
from cleanvision import Imagelab
import os
lab = Imagelab(data_path=folder)
lab.find_issues({"exact_duplicates": {}, "near_duplicates": {}}, verbose=False)
sets = [s for kind in ("exact_duplicates", "near_duplicates") for s in lab.info[kind]["sets"]]
names = sorted({os.path.basename(path) for one in sets for path in one[1:]})
""",
    "difPy": """
import difPy, os
files = difPy.build(folder, show_progress=False)
found = difPy.search(files, similarity="similar", same_dim=False, rotate=False,
                     show_progress=False)
lower = found.lower_quality
names = sorted({os.path.basename(path) for path in (lower.get("lower_quality", [])
                if isinstance(lower, dict) else lower)})
""",
    "fastdup": """
import fastdup, os, tempfile
run = fastdup.create(work_dir=tempfile.mkdtemp(), input_dir=folder)
run.run(ccthreshold=0.96, threshold=0.9, nearest_neighbors_k=2, verbose=False)
pairs = run.similarity()
removed = set()
for one, other in sorted(zip(pairs["filename_from"], pairs["filename_to"])):
    if one not in removed and other not in removed:
        removed.add(other)
names = sorted({os.path.basename(path) for path in removed})
""",
}
MAIN = """if __name__ == '__main__':
    import json, sys
    folder = sys.argv[1]
{body}
    print(json.dumps(sorted(names)))
"""
