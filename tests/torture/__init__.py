"""What pixset is put through: kills, full and read-only disks, damaged catalogues, hostile hosts.

    make torture                    100 kills over all stages, then the rest: about half an hour
    python -P -m torture --kills 14 --seed 7 --stage import --stage split

Every stage is run undisturbed once; then again and again, killed at random moments and started
again, until a run ends by itself. What lies there then must equal the undisturbed run's: files,
catalogue, manifest, and nothing beside them, in TMPDIR or among the processes.
"""
