"""From nothing to a paid seat, by the spec alone. Exit status 0 when all is well.

    python3 spec/python/buy.py HOST PORT [CONCERT]

Signs up, logs in, charges, joins the queue, waits until active, looks at the seat map, holds, pays, and reads the
notices of it all. Prints a JSON object a line, one for each step. Over TLS when BOXOFFICE_CA names a PEM file of those
who may have signed the server's certificate.
"""

import json
import os
import sys

import boxoffice


def say(step, **facts):
    print(json.dumps({'step': step} | facts, ensure_ascii=False), flush=True)


def statuses(seat_map):
    """The status of each seat, by number: two bits a seat, the first in the lowest bits."""
    packed = seat_map['statuses']
    assert len(packed) == (seat_map['seats'] + 3) // 4, 'a seat map of another size than it says'
    return [packed[seat // 4] >> 2 * (seat % 4) & 3 for seat in range(seat_map['seats'])]


def labels(office, performance):
    """The names of a hall's seats, page by page."""
    names, rows = [], 0
    while True:
        page = office.request('GetHall', performance=performance, fromRow=rows)
        assert page['rowsBefore'] == rows and page['firstSeat'] == len(names), 'pages that do not follow each other'
        for row in page['rows']:
            for seat in row['seats']:
                names.append('-'.join(part for part in (row['zone'], row['row'], seat['number']) if part))
        rows += len(page['rows'])
        if not page['more']:
            assert len(names) == page['seats']
            return names


def choose(office, concert):
    """A date that is on sale and has free seats: the one asked for, or the first there is."""
    after = 0
    while True:
        page = office.request('GetConcerts', after=after, limit=2)
        for item in page['concerts']:
            after = item['concert']
            if concert not in (None, after):
                continue
            dates = office.request('GetPerformances', concert=after)
            for date in dates['performances']:
                if date['saleOpensAt'] <= dates['now'] < date['saleClosesAt'] and date['available']:
                    return item, date
        assert page['more'], 'no date is on sale'


def wait_until_active(office, concert):
    """Joins and waits for the updates of the place."""
    place = office.request('JoinQueue', concert=concert)
    while place['status'] != 'active':
        say('waiting', status=place['status'], position=place['position'], ahead=place['ahead'])
        push = office.push(timeout=60)
        assert push, 'no update for a minute'
        if push.name == 'position':
            place = push.value['place']
        assert place['status'] in ('waiting', 'called', 'active'), place['status']
    return place


def hold_one(office, performance, names):
    """Holds a free seat. Others are as quick, so a taken one is a reason to look again."""
    for _ in range(20):
        seat_map = office.request('GetSeatMap', performance=performance)
        free = [seat for seat, status in enumerate(statuses(seat_map)) if status == 0]
        assert free, 'sold out'
        seat = free[int.from_bytes(os.urandom(4), 'big') % len(free)]
        assert office.request('FindSeats', performance=performance, labels=[names[seat]])['seats'] == [seat]
        try:
            return office.request('Hold', performance=performance, seats=[seat])
        except boxoffice.Refused as refusal:
            if refusal.code != 'seatTaken':
                raise
    raise AssertionError('always too late')


def main(host, port, concert=None):
    ca = os.environ.get('BOXOFFICE_CA')
    office = boxoffice.BoxOffice(host, port, ca=ca)
    say('welcome', server=office.welcome['server'], deployment=office.welcome['deployment'].hex())
    name, password = f'py{os.urandom(6).hex()}', os.urandom(12).hex()
    try:
        office.request('WhoAmI')
        raise AssertionError('a guest is somebody')
    except boxoffice.Refused as refusal:
        assert refusal.code == 'loginRequired', refusal.code
    account = office.request('SignUp', name=name, password=password)
    login = office.request('LogIn', name=name, password=password, device='buy.py')
    assert login['account'] == account
    office.request('SubscribeNotices')
    say('login', member=account['member'], name=name)

    item, date = choose(office, concert)
    price = max(category['price'] for category in date['categories'])
    if price:
        key = office.operation_key()
        first = office.request('Charge', operation=key, amount=price)
        again = office.request('Charge', operation=key, amount=price)
        assert office.replayed and again == first, 'a retry acted twice'
        say('charged', balance=first['balance'])

    place = wait_until_active(office, item['concert'])
    say('active', concert=item['concert'], title=item['title'], activeUntil=place['activeUntil'])
    state = hold_one(office, date['performance'], labels(office, date['performance']))
    reservation = state['reservation']
    say('held', reservation=reservation['reservation'], seats=[seat['label'] for seat in reservation['seats']],
        total=reservation['total'], remainingMilliseconds=state['remainingMilliseconds'])

    paid = office.request('Pay', reservation=reservation['reservation'])
    assert paid['reservation']['status'] == 'confirmed' and paid['payment']['amount'] == reservation['total']
    assert office.request('GetBalance')['balance'] == paid['balance']
    say('paid', payment=paid['payment']['payment'], amount=paid['payment']['amount'], balance=paid['balance'])

    office.close()
    office = boxoffice.BoxOffice(
        host, port, session=login['session'], deployment=office.welcome['deployment'], ca=ca)
    assert office.welcome['resumed'] == 'resumed' and office.welcome['account'] == account
    assert read_notices(office, price) >= {'admitted', 'held', 'paid'}
    office.request('LogOut')
    say('done')


def read_notices(office, price):
    """After a reconnect all notices that were not acknowledged come again, in order."""
    subscribed, kinds = office.request('SubscribeNotices'), []
    while True:
        push = office.push()
        assert push, 'the replay does not end'
        if push.kind == 'replayed':
            assert push.id == subscribed['newest']
            break
        if push.kind == 'notice':
            assert push.replayed and push.id == subscribed['acknowledged'] + len(kinds) + 1, 'a notice is missing'
            kinds.append(push.name)
    office.acknowledge(subscribed['newest'])
    say('notices', kinds=kinds)
    assert not price or 'charged' in kinds
    return set(kinds)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else None)
