"""What every page costs in bytes: the look has a budget."""

import gzip
from pathlib import Path

import pytest

import quxin.ui

STATIC = Path(quxin.ui.__file__).parent / "static" / "ui"


def compressed(name: str) -> int:
    """Bytes of a static file as a server sends it."""
    return len(gzip.compress((STATIC / name).read_bytes(), 9))


def test_the_style_is_small():
    assert 5_000 < compressed("quxin.css") <= 25_000


@pytest.mark.parametrize("name", ["quxin.js", "forms.js"])
def test_scripts_are_tiny_even_uncompressed(name):
    assert len((STATIC / name).read_bytes()) < 10_000


def test_the_evaluation_page_fits_a_slow_phone(client):
    page = client.get("/gallery/evaluate/").content
    assert b"<script" not in page
    assert len(page) + (STATIC / "quxin.css").stat().st_size + (STATIC / "seal.svg").stat().st_size <= 60_000
