"""Checks one's rank in a waiting room from public data and one's own ticket (spec/draw.md).

    python3 spec/python/verify.py HOST PORT CONCERT NAME [--commitment HEX] [--ticket N]
    python3 spec/python/verify.py HOST PORT CONCERT --ticket N --rank N [--commitment HEX]

With a login name the place is asked for; the password is BOXOFFICE_PASSWORD, or is asked for. Without one, ticket and
rank are taken as given and nothing is asked that a guest may not ask. `--commitment` and `--ticket` are what was noted
before the opening: without them, only what the server says now is compared with itself.

Prints a JSON object a line. Exit status: 0 the rank is right, 1 it is wrong, 2 it cannot be told (not drawn yet, no
place, no connection, wrong usage).
"""

import argparse
import getpass
import json
import os
import sys

import boxoffice
import draw

RIGHT, WRONG, UNKNOWN = 0, 1, 2


def say(step, **facts):
    print(json.dumps({'step': step} | facts, ensure_ascii=False), flush=True)


def number(text):
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


def arguments(given):
    parser = argparse.ArgumentParser(description='Checks a rank in a waiting room against its draw.')
    parser.add_argument('host')
    parser.add_argument('port', type=int)
    parser.add_argument('concert', type=int)
    parser.add_argument('name', nargs='?', help='login name; its place is checked')
    parser.add_argument('--ticket', type=number, help='one\'s ticket; with a name: as noted before the opening')
    parser.add_argument('--rank', type=number, help='the rank to check, without a name')
    parser.add_argument('--commitment', type=bytes.fromhex, help='the commitment as noted before the opening')
    options = parser.parse_args(given)
    if options.name is None and None in (options.ticket, options.rank):
        parser.error('a login name, or a ticket and a rank')
    if options.name is not None and options.rank is not None:
        parser.error('a login name, or a rank')
    return options


def place(office, options):
    """The member's ticket and rank, as the server tells them; the session ends with it."""
    password = os.environ.get('BOXOFFICE_PASSWORD') or getpass.getpass(f'Password of {options.name}: ')
    office.request('LogIn', name=options.name, password=password, device='verify.py')
    try:
        told = office.request('GetPlace', concert=options.concert)
    finally:
        office.request('LogOut')
    say('place', ticket=told['ticket'], rank=told.get('rank'), position=told['position'], status=told['status'])
    return told['ticket'], told.get('rank')


def verify(options):
    office = boxoffice.BoxOffice(options.host, options.port)
    told = office.request('GetDraw', concert=options.concert)
    seed = told.get('seed')
    say('draw', commitment=told['commitment'].hex(), tickets=told['tickets'], seed=seed and seed.hex(),
        drawnAt=told.get('drawnAt'), opensAt=told.get('opensAt'))
    ticket, rank = place(office, options) if options.name is not None else (options.ticket, options.rank)
    office.close()
    if seed is None:
        say('undecided', why='the draw has not been made yet')
        return UNKNOWN
    faults = draw.faults(told, ticket, rank, options.commitment)
    if options.ticket not in (None, ticket):
        faults.append(f'the ticket was {options.ticket} before, and is {ticket} now')
    say('verified', right=not faults, ticket=ticket, rank=rank, isDrawn=ticket < told['tickets'],
        commitmentWasNoted=options.commitment is not None, faults=faults)
    return WRONG if faults else RIGHT


def main(given):
    options = arguments(given)
    try:
        return verify(options)
    except Exception as error:  # Whatever it was, it is not a wrong rank.
        say('undecided', why=f'{type(error).__name__}: {error}')
        return UNKNOWN


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
