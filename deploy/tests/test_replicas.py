"""Three replicas on one PostgreSQL behind deploy/compose/haproxy.cfg: they migrate and sync at once, and a rolling restart
under a load of sign-ins loses none.
"""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from support import DEPLOY, ROOT, program

PATIENCE = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Replicas(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.processes = []
        self.addCleanup(self.end)
        # The server is there as long as its child is.
        self.postgres = self.begin("postgres", ROOT / "tests/with-postgres.sh", "sh", "-c", "echo $BARYCENTER_TEST_POSTGRES_URL; exec sleep 600")
        self.database = self.wait_for("postgres", r"postgresql://\S+").strip()
        self.ports = {name: free_port() for name in ("public", "admin", *(f"{replica}{port}" for replica in "123" for port in "01"))}

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE)

    def begin(self, name, *command, **variables):
        log = open(self.folder / f"{name}.log", "a")
        self.addCleanup(log.close)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | variables
        process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, cwd=self.folder, env=environment)
        self.processes.append(process)
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def wait_for(self, name, pattern):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.log(name))):
            self.assertLess(time.monotonic(), deadline, f"{name}: {self.log(name)}")
            time.sleep(0.1)
        return found.group(0)

    def variables(self, replica):
        return {
            "BARYCENTER__DATABASE__URL": self.database,
            "BARYCENTER__KEYS__PRIVATE_KEY_PATH": str(self.folder / "private_key.pem"),
            "BARYCENTER__KEYS__JWKS_PATH": str(self.folder / f"jwks-{replica}.json"),
            "BARYCENTER__SERVER__PUBLIC_BASE_URL": f"http://localhost:{self.ports['public']}",
            "BARYCENTER__SERVER__HOST": "127.0.0.1",
            "BARYCENTER__SERVER__PORT": str(self.ports[f"{replica}0"]),
            "BARYCENTER__SERVER__ADMIN_PORT": str(self.ports[f"{replica}1"]),
        }

    def start(self, replica):
        ready = self.log(f"daemon-{replica}").count(" public=") if (self.folder / f"daemon-{replica}.log").exists() else 0
        process = self.begin(f"daemon-{replica}", program("barycenterd"), **self.variables(replica))
        self.wait_for(f"daemon-{replica}", rf"(?s)(?: public=.*?){{{ready + 1}}}")
        return process

    def proxy(self):
        """The configuration of the compose file, with this machine's addresses in place of the containers'."""
        text = (DEPLOY / "compose/haproxy.cfg").read_text()
        text = text.replace("bind :8080", f"bind 127.0.0.1:{self.ports['public']}").replace("bind :8081", f"bind 127.0.0.1:{self.ports['admin']}")
        text = re.sub(r"barycenter-([123]):808([01])", lambda match: f"127.0.0.1:{self.ports[match[1] + match[2]]}", text)
        path = self.folder / "haproxy.cfg"
        path.write_text(text.replace(" resolvers names\n", "\n"))
        return self.begin("haproxy", "haproxy", "-db", "-f", path)

    def test_a_rolling_restart_loses_no_sign_in(self):
        syncs = [
            self.begin(f"sync-{replica}", program("barycenterd"), "sync-users", "--file", ROOT / "tests/guide/users.json", **self.variables(replica))
            for replica in "123"
        ]
        for replica, sync in zip("123", syncs, strict=True):
            self.assertEqual(sync.wait(PATIENCE), 0, self.log(f"sync-{replica}"))
        created = sum("2 created" in self.log(f"sync-{replica}") for replica in "123")
        self.assertEqual(created, 1, "one of three makes the users, and the others find nothing to do")

        daemons = {replica: self.start(replica) for replica in "123"}
        self.proxy()
        address = f"http://localhost:{self.ports['public']}"
        load = self.begin(
            "load", sys.executable, DEPLOY / "tests/logins.py", address, "admin", "CHANGE-ME-IN-PRODUCTION", "1000000"
        )  # fmt: skip
        for replica in "123":
            time.sleep(2)
            daemons[replica].send_signal(signal.SIGTERM)
            self.assertEqual(daemons[replica].wait(PATIENCE), 0, self.log(f"daemon-{replica}"))
            daemons[replica] = self.start(replica)
            # As a rolling update waits until the new pod is ready; the proxy asks twice.
            time.sleep(3)
        load.send_signal(signal.SIGINT)
        self.assertEqual(load.wait(PATIENCE), 0, self.log("load"))
        self.assertGreater(int(re.search(r"(\d+) sign-ins", self.log("load")).group(1)), 50, self.log("load"))
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['admin']}/readyz", timeout=10) as answer:
            self.assertEqual(answer.read(), b"ok")


if __name__ == "__main__":
    unittest.main()
