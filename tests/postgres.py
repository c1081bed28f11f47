"""A private PostgreSQL for the length of a block, from the machine's own binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "tourniquet"
SETTINGS = {  # nothing in it outlives the block, so nothing has to reach the disk
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
}


def find_binaries() -> Path | None:
    """The newest folder that holds initdb, pg_ctl and postgres, or None."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    needed = ("initdb", "pg_ctl", "postgres")
    return next((path for path in [*packaged, *on_path] if all((path / name).exists() for name in needed)), None)


@contextmanager
def running(binaries: Path) -> Iterator[str]:
    """The URL of an empty database that only this machine's user can reach, over a socket."""
    owner = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="tq-pg-") as folder:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = f"{folder}/data"

        def do(program: str, *arguments: str) -> None:
            _run([str(binaries / program), "-D", data, *arguments], cwd=folder, owner=owner)

        do("initdb", "--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        do("pg_ctl", "start", "--wait", "-l", f"{folder}/log", "-o", f"-k {folder} {options}")
        try:
            yield f"postgresql://{USER}@/postgres?host={folder}"
        finally:
            do("pg_ctl", "stop", "--wait", "-m", "immediate")


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to run the server as when we are root, which PostgreSQL refuses; None to run as ourselves."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name: entry for entry in pwd.getpwall()}
    return users.get("postgres", users.get("nobody"))


def _run(command: list[str], *, cwd: str, owner: pwd.struct_passwd | None) -> None:
    log = Path(cwd) / "commands"
    with log.open("ab") as output:  # not a pipe: the server would inherit and hold it
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')}")
