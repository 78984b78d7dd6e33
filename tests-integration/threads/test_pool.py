"""Endpoints that are not asynchronous write from a real server's threads."""

from __future__ import annotations

import logging
import sys

import pytest

from .pool import Pool


@pytest.mark.promise("session.threads", "serving.threads", "failure.5")
async def test_what_requests_write_on_threads_is_all_sent_in_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pool = Pool()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        async with pool.serving() as url:
            await pool.ask(url, lambda: pool.asked >= 400)
            await pool.settled()
    finally:
        sys.setswitchinterval(interval)
    assert pool.replay.revisions >= 400
    assert pool.writers.told == sorted(pool.writers.told)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
