"""Checks every golden vector with the codec of wire.py, and that make_vectors.py would write the same files: for the
draws that is all there is to check, since they are written by the one implementation that there is in Python.

    python3 spec/python/test_vectors.py        exit status 0 when all hold
"""

import pathlib
import subprocess
import sys
import tempfile

import vectors
import wire

FOLDER = pathlib.Path(__file__).resolve().parent.parent / 'vectors'
RESULTS = {'value', 'violation', 'incomplete', 'skip', 'inflate', 'refused', 'unsupported'}


def main():
    schema, checked, failures = wire.Schema(), 0, []
    for path in sorted(FOLDER.glob('*.txt')):
        for vector in vectors.read(path) if path.name != 'draw.txt' else []:
            data = bytes.fromhex(vector['hex'])
            cap = int(vector['cap']) if 'cap' in vector else None
            expected = {key: text for key, text in vector.items() if key not in ('name', 'from', 'cap', 'hex')}
            found = vectors.outcome(schema, data, vector['from'], cap)
            checked += 1
            if found != expected or not RESULTS & set(expected):
                failures.append(f"{path.name}: {vector['name']}: expected {expected}, found {found}")
            drip = [schema.parse(data[:size], vector['from'], 1 << 32) for size in range(len(data))] \
                if 'frame' in expected and len(data) < 4096 else []
            if any(step is not None for step in drip):
                failures.append(f"{path.name}: {vector['name']}: a part of the frame passes for the whole")
    failures += stale()
    print('\n'.join(failures) if failures else f'{checked} vectors hold')
    return 1 if failures or checked == 0 else 0


def stale():
    """The files that differ from what make_vectors.py writes now; compressed bytes may differ between zlibs."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(pathlib.Path(__file__).parent / 'make_vectors.py'), folder], check=True)
        names = {path.name for path in FOLDER.glob('*.txt')} | {path.name for path in pathlib.Path(folder).glob('*')}
        return [f'{name} is not what make_vectors.py writes' for name in sorted(names)
                if without_streams(FOLDER / name) != without_streams(pathlib.Path(folder) / name)]


def without_streams(path):
    if not path.exists():
        return None
    return [{key: text for key, text in vector.items() if key != 'hex' or 'compressed' not in vector.get('frame', '')}
            for vector in vectors.read(path)]


sys.exit(main())
