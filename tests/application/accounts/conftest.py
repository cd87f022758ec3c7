"""The desk that the tests of accounts work at."""

import pytest

from application.ports import Store
from tests.application.accounts.desk import Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)
