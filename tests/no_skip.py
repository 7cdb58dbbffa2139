"""A pytest plugin: with DOORSTEP_FAIL_ON_SKIP=1 a skipped test counts as a failed one.

A developer's machine may lack a broker or a browser; the build machine may not, and a test that
quietly stopped running there would prove nothing.
"""

import os
from collections.abc import Generator

import pytest

SWITCH = "DOORSTEP_FAIL_ON_SKIP"


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get(SWITCH) == "1":
        config.pluginmanager.register(SkipsFail(), "skips-fail")


class SkipsFail:
    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped and not hasattr(report, "wasxfail"):
            fail(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        if report.skipped:
            fail(report)
        return report


def fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skipped report into a failed one that tells why it was skipped."""
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{SWITCH}=1, and this was skipped: {why}"
