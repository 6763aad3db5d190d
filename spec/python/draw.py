"""The draw of a waiting room's order (spec/draw.md): standard library only.

    draw.ranks(seed, 10)        the rank of each ticket from 0 to 9
    draw.faults(told, 3, 7)     what is wrong with ticket 3 having rank 7 by a Draw; empty when it is right
"""

import hashlib

TICKETS_MAX = 16_000_000


def commitment(seed):
    """What is published as long as the seed is secret."""
    return hashlib.sha256(seed).digest()


def numbers(seed):
    """Numbers of 64 bits without end: four from each block."""
    block = 0
    while True:
        digest = hashlib.sha256(seed + block.to_bytes(8, 'big')).digest()
        for start in range(0, 32, 8):
            yield int.from_bytes(digest[start:start + 8], 'big')
        block += 1


def below(bound, source):
    """A number from 0 up to `bound`, each as likely: those of the last, incomplete round are passed over."""
    whole = (1 << 64) // bound * bound
    while True:
        number = next(source)
        if number < whole:
            return number % bound


def ranks(seed, tickets):
    """The ranks of the tickets 0 … tickets − 1, the lowest goes first."""
    order, source = list(range(tickets)), numbers(seed)
    for index in range(tickets - 1, 0, -1):
        other = below(index + 1, source)
        order[index], order[other] = order[other], order[index]
    return order


def rank(seed, tickets, ticket):
    """The rank of one ticket. Tickets after the draw keep their number: first come, first served."""
    return ranks(seed, tickets)[ticket] if ticket < tickets else ticket


def faults(told, ticket, told_rank, noted=None):
    """What is wrong, a sentence each; empty when all is right.

    `told` is the answer to GetDraw after the draw, `told_rank` the rank that the server gives this ticket, `noted` the
    commitment that was noted before the opening, if any.
    """
    found, seed, tickets = [], told['seed'], told['tickets']
    if noted is not None and noted != told['commitment']:
        found.append(f"the commitment was {noted.hex()} before, and is {told['commitment'].hex()} now")
    if commitment(seed) != told['commitment']:
        found.append(f'the seed is not the one committed to: its SHA-256 is {commitment(seed).hex()}')
    if tickets > TICKETS_MAX:
        return found + [f'{tickets} tickets are more than a draw may have']
    right = rank(seed, tickets, ticket)
    if told_rank != right:
        found.append(f'ticket {ticket} of {tickets} has rank {right}, not {told_rank}')
    return found
