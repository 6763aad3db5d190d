"""Checks that draw.py finds what is right about a draw right, and whatever was tampered with wrong.

    python3 spec/python/test_draw.py        exit status 0 when all hold
"""

import draw

SEED, TICKETS = bytes(range(32)), 10
RANKS = [7, 2, 0, 6, 3, 8, 5, 9, 4, 1]  # vectors/draw.txt, rising-10
TOLD = {'commitment': draw.commitment(SEED), 'seed': SEED, 'tickets': TICKETS}


def main():
    assert draw.ranks(SEED, TICKETS) == RANKS
    for ticket, rank in enumerate(RANKS):
        assert not draw.faults(TOLD, ticket, rank, TOLD['commitment'])
        for other in set(range(TICKETS + 1)) - {rank}:
            assert draw.faults(TOLD, ticket, other)
    for ticket in (TICKETS, TICKETS + 5):
        assert not draw.faults(TOLD, ticket, ticket) and draw.faults(TOLD, ticket, 0)
    assert draw.faults(TOLD, 3, None), 'no rank at all'

    other = bytes([SEED[0] ^ 1]) + SEED[1:]
    assert len(draw.faults(TOLD | {'seed': other}, 3, RANKS[3])) == 2, 'another seed: neither commitment nor rank'
    rank = draw.rank(other, TICKETS, 3)
    assert len(draw.faults(TOLD | {'seed': other}, 3, rank)) == 1, 'another seed, and the rank that it gives'
    swapped = TOLD | {'seed': other, 'commitment': draw.commitment(other)}
    assert not draw.faults(swapped, 3, rank), 'all of it swapped: only a note from before the opening tells'
    assert len(draw.faults(swapped, 3, rank, TOLD['commitment'])) == 1
    for tickets in (0, 3, 9, 11, 1000):  # one ticket may keep its rank by chance, not all of them
        assert any(draw.faults(TOLD | {'tickets': tickets}, ticket, rank) for ticket, rank in enumerate(RANKS))
    assert draw.faults(TOLD | {'tickets': 1 << 60}, 3, RANKS[3]), 'more than fit in memory'

    # 2^64 is 1 modulo 3 and 5: the largest number is one too many for them, and passed over.
    top = (1 << 64) - 1
    assert draw.below(3, iter([top, 7])) == 1 and draw.below(5, iter([top, 7])) == 2
    assert draw.below(3, iter([top - 1])) == 2 and draw.below(8, iter([top])) == 7


main()
