"""Reads what `llvm-cov export` writes and prints the lines covered by folder, and the functions never executed.

    llvm-cov export … | python3 scripts/lib/coverage.py SWIFT-DEMANGLE
"""

import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def folder(name):
    """Sources/Protocol/Wire/Cursor.swift belongs to Sources/Protocol; what is generated stands apart."""
    parts = pathlib.Path(name).relative_to(ROOT).parts
    return '/'.join(parts[:3] if parts[2:3] == ('Generated',) else parts[:2])


def measured(name):
    return name.startswith(tuple(f'{ROOT}/Sources/{part}/' for part in ('Protocol', 'Engine', 'Store')))


def main():
    data = json.load(sys.stdin)['data'][0]
    lines = collections.defaultdict(lambda: [0, 0])
    functions = collections.defaultdict(lambda: [0, 0])
    for file in data['files']:
        if measured(file['filename']):
            for table, kind in ((lines, 'lines'), (functions, 'functions')):
                entry = table[folder(file['filename'])]
                entry[0] += file['summary'][kind]['covered']
                entry[1] += file['summary'][kind]['count']

    print(f'\n{"folder":28} {"lines":>8} {"covered":>9} {"functions":>11} {"executed":>9}')
    for name in sorted(lines):
        covered, count = lines[name]
        ran, there = functions[name]
        print(f'{name:28} {count:8} {100 * covered / count:8.1f}% {there:11} {100 * ran / there:8.1f}%')

    # A function may stand in several records, one for each place it was compiled in.
    counts = collections.Counter()
    places = {}
    for function in data['functions']:
        file = function['filenames'][0]
        if measured(file) and '/Generated/' not in file:
            counts[function['name']] += function['count']
            places[function['name']] = (str(pathlib.Path(file).relative_to(ROOT)), function['regions'][0][0])
    never = sorted((places[name], name) for name, count in counts.items() if count == 0)
    if never:
        readable = subprocess.run(
            [sys.argv[1], '--simplified', '--compact'], input='\n'.join(name.split(':')[-1] for _, name in never),
            capture_output=True, text=True, check=True).stdout.splitlines()
        print(f'\n{len(never)} functions are never executed (generated ones are not listed):')
        for ((file, line), _), name in zip(never, readable):
            print(f'  {file}:{line}  {name}')


main()
