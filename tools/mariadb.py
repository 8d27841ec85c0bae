"""A private MariaDB server for tests and benchmarks.

    python tools/mariadb.py run -- pytest tests/integration      start, run the command, stop; the exit code is the command's
    python tools/mariadb.py start /tmp/some-folder               start and leave it running; prints the socket
    python tools/mariadb.py stop /tmp/some-folder

The server listens on a Unix socket only, keeps its data in the given (or a temporary) folder and trades durability for speed: the
data is thrown away. It runs as root too, which the packaged service refuses. Tests that kill the server ask for a durable one.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_SECONDS = 60
ROOM_NEEDED = 1 << 30
SETUP = """
CREATE DATABASE IF NOT EXISTS beratung CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS 'beratung'@'localhost' IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO 'beratung'@'localhost';
"""


def measure_apart(module: str) -> dict:
    """Run `python -m module` beside a private server; answers the JSON of its last line. The database is chosen when Django starts,
    so a measurement on MariaDB needs a process of its own.
    """
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "mariadb")
        server.start()
        try:
            env = {**os.environ, "BERATUNG_TEST_DB": "mariadb", "BERATUNG_MARIADB_SOCKET": str(server.socket)}
            done = subprocess.run([sys.executable, "-m", module], cwd=root, env=env, check=True, stdout=subprocess.PIPE)
        finally:
            server.stop()
    figures = json.loads(done.stdout.splitlines()[-1])
    print(json.dumps(figures, indent=1))
    return figures


def binary(*names: str) -> str:
    """The first of the given programs that is installed; sbin folders are searched too."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise SystemExit(f"MariaDB is not installed ({names[0]} not found). On Debian: apt-get install mariadb-server")


FAST = ("--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-doublewrite=0")
DURABLE = ("--innodb-flush-log-at-trx-commit=1", "--innodb-flush-method=fsync", "--innodb-doublewrite=1")
"""Every COMMIT is written to the log and synced before it is acknowledged, as on a server in use."""


class Server:
    """One server with its data in ``folder``, or in ``data`` where that is another disk. ``options`` are further arguments of mariadbd."""

    def __init__(self, folder: Path, *, data: Path | None = None, durable: bool = False, options: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        self.temporary = folder / "tmp"  # a server that starts removes what it finds in a shared one, also of others
        self.options = (*(DURABLE if durable else FAST), *options)
        self.socket = folder / "db.sock"
        self.pid_file = folder / "db.pid"
        self.log = folder / "db.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Create the data files when they are missing, start, wait until it answers. Raises SystemExit with the log's end."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        if not (self.data / "mysql").exists():
            self._install()
        arguments = [
            binary("mariadbd", "mysqld"),
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={self.data}",
            f"--socket={self.socket}",
            f"--pid-file={self.pid_file}",
            f"--log-error={self.log}",
            f"--tmpdir={self.temporary}",
            "--skip-networking",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--innodb-stats-persistent=0",
            "--performance-schema=0",
            "--innodb-buffer-pool-size=128M",
            "--max-connections=400",
            "--skip-log-bin",
            *self.options,
        ]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
                raise SystemExit(f"MariaDB did not start:\n{tail}")
            time.sleep(0.1)
        self._client("-e", SETUP, check=True)

    def kill(self) -> None:
        """End the server at once (SIGKILL), as a crash does; ``start`` brings it back with its data."""
        assert self.process is not None, "only a server that was started here can be killed"
        self.process.kill()
        self.process.wait(timeout=START_SECONDS)
        for left in (self.socket, self.pid_file):
            left.unlink(missing_ok=True)

    def stop(self) -> None:
        """Shut down, wait for the process to end, delete the folder."""
        if self._answers():
            subprocess.run(
                [binary("mariadb-admin", "mysqladmin"), "--no-defaults", f"--socket={self.socket}", f"--user={getpass.getuser()}", "shutdown"],
                check=False,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if self.process is not None:
                self.process.wait(timeout=START_SECONDS)
            deadline = time.monotonic() + START_SECONDS
            while self.pid_file.exists() and time.monotonic() < deadline:
                time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _install(self) -> None:
        done = subprocess.run(
            [
                binary("mariadb-install-db", "mysql_install_db"),
                "--no-defaults",
                f"--user={getpass.getuser()}",
                f"--datadir={self.data}",
                "--auth-root-authentication-method=socket",
                f"--auth-root-socket-user={getpass.getuser()}",
                "--skip-test-db",
                f"--tmpdir={self.temporary}",
                *(option for option in self.options if "innodb-log-file-size" in option or "innodb-data-file" in option),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"MariaDB could not create its data files:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")

    def _client(self, *arguments: str, check: bool = False) -> bool:
        done = subprocess.run(
            [binary("mariadb", "mysql"), "--no-defaults", f"--socket={self.socket}", f"--user={getpass.getuser()}", *arguments],
            check=check,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if check else subprocess.DEVNULL,
        )
        return done.returncode == 0

    def _answers(self) -> bool:
        return self.socket.exists() and self._client("-e", "SELECT 1")


def scratch_folder() -> Path:
    """A new folder, in memory where the system has a memory file system with room: emptying forty tables after each test is file work."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_NEEDED
    return Path(tempfile.mkdtemp(prefix="beratung-mariadb-", dir=memory if roomy else None))


def run(command: list[str]) -> int:
    """Start a server in a temporary folder, run the command with ``BERATUNG_TEST_DB`` and the socket set, stop."""
    server = Server(scratch_folder())
    server.start()
    try:
        environment = {**os.environ, "BERATUNG_TEST_DB": "mariadb", "BERATUNG_MARIADB_SOCKET": str(server.socket)}
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        server.stop()


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run").add_argument("program", nargs=argparse.REMAINDER)
    for name in ("start", "stop"):
        commands.add_parser(name).add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.command == "run":
        program = options.program[1:] if options.program[:1] == ["--"] else options.program
        return run(program)
    server = Server(options.folder)
    if options.command == "start":
        server.start()
        print(server.socket)
    else:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
