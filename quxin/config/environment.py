"""Strict readers of the environment: an odd value is refused with the name of the variable and what it may be.

Not for reading anything outside settings.py; the rest of the code sees Django settings only.
"""

import os
import secrets
from pathlib import Path

from quxin.kernel import signing


class BadSetting(Exception):
    """A variable of the environment has a value that cannot be meant."""


def read_flag(name: str, default: bool) -> bool:
    """Read `name` as a yes/no value; raises BadSetting for anything else."""
    raw = os.environ.get(name, "").strip().lower()
    if raw == "":
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name}={raw!r}: 只能是 1/0、true/false、yes/no 或 on/off")


def read_int(name: str, default: int, low: int, high: int) -> int:
    """Read `name` as a whole number within `low`..`high`; raises BadSetting otherwise."""
    raw = os.environ.get(name, "").strip()
    if raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise BadSetting(f"{name}={raw!r}: 应是 {low} 到 {high} 之间的整数") from None
    if not low <= value <= high:
        raise BadSetting(f"{name}={value}: 应在 {low} 到 {high} 之间")
    return value


def read_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Read `name` as one of `choices`; raises BadSetting otherwise."""
    raw = os.environ.get(name, "").strip() or default
    if raw not in choices:
        raise BadSetting(f"{name}={raw!r}: 只能是 {'、'.join(choices)}")
    return raw


def read_list(name: str) -> list[str]:
    """Read `name` as words separated by commas."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def register_signatures(paths: list[str]) -> None:
    """Register the signature algorithms at these dotted paths; raises BadSetting where one leads nowhere."""
    for path in paths:
        try:
            signing.load(path)
        except ValueError as error:
            raise BadSetting(f"QUXIN_SIGNATURES: 不是签名算法：{error}") from None


def home() -> Path:
    """The folder of database, files and secrets (QUXIN_HOME, default ./var), created private if missing."""
    base = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("QUXIN_HOME") or base / "var").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret(folder: Path, name: str) -> str:
    """The secret `name`: from the environment (QUXIN_<NAME>), else made once and kept in `folder` readable by its owner."""
    given = os.environ.get(f"QUXIN_{name.upper()}", "").strip()
    if given:
        if len(given) < 32:
            raise BadSetting(f"QUXIN_{name.upper()}: 至少 32 个字符")
        return given
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # O_EXCL: two processes that start together must not end up with two different secrets.
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
