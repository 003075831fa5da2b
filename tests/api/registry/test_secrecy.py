import threading

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from api.problems import Unavailable
from api.registry.secrecy import open_secrecy
from api.registry.tables import MatchingKey

NUMBER = "99000019800101001" + "0"


def test_a_number_is_kept_encrypted_and_found_by_its_hash(session, settings):
    secrecy = open_secrecy(session, settings.encryption_keys())
    sealed = secrecy.seal(NUMBER)
    assert NUMBER not in sealed
    assert secrecy.seal(NUMBER) != sealed  # equal numbers do not look equal
    assert secrecy.unseal(sealed) == NUMBER
    assert secrecy.match_identity(NUMBER) == secrecy.match_identity(f" {NUMBER[:6]} {NUMBER[6:]}")
    assert NUMBER not in secrecy.match_identity(NUMBER)


def test_a_new_key_in_front_changes_no_match_and_the_old_key_can_go_once_all_is_sealed_anew(session):
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    session.execute(sa.delete(MatchingKey))
    before = open_secrecy(session, [old])
    both = open_secrecy(session, [new, old])
    assert both.match_identity(NUMBER) == before.match_identity(NUMBER)
    resealed = both.reseal(before.seal(NUMBER))
    kept = session.get_one(MatchingKey, 1)
    kept.sealed = both.reseal(kept.sealed)
    session.flush()
    after = open_secrecy(session, [new])
    assert after.unseal(resealed) == NUMBER
    assert after.match_identity(NUMBER) == before.match_identity(NUMBER)
    with pytest.raises(Unavailable, match="RUHU_FIELD_KEYS"):
        open_secrecy(session, [old])


def test_two_databases_match_nothing_of_each_other(session, settings):
    first = open_secrecy(session, settings.encryption_keys()).match_identity(NUMBER)
    session.execute(sa.delete(MatchingKey))
    assert open_secrecy(session, settings.encryption_keys()).match_identity(NUMBER) != first


def test_a_damaged_text_is_refused_and_not_shown_as_if_whole(session, settings):
    secrecy = open_secrecy(session, settings.encryption_keys())
    with pytest.raises(Unavailable):
        secrecy.unseal(secrecy.seal(NUMBER)[:-8] + "AAAAAAA=")


def test_two_who_open_a_new_database_at_once_get_the_same_matching_key(database, settings):
    found, barrier = [], threading.Barrier(2)

    def first_use():
        barrier.wait()
        with database.transaction() as session:
            found.append(open_secrecy(session, settings.encryption_keys()).match_identity(NUMBER))

    threads = [threading.Thread(target=first_use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
