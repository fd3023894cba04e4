"""deploy/systemd, `make install` and deploy/compose: what runs Barycenter on one machine."""

import os
import pathlib
import re
import shutil
import socket
import tempfile
import time
import unittest
import urllib.request

import yaml

import support
from support import DEPLOY, PROGRAMS, ROOT, TOOLS, VERSION, program, run

IMAGE = "localhost/barycenter:check"


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name)
        cls.install()

    @classmethod
    def install(cls):
        run("make", "-s", "-C", ROOT, "install", f"DESTDIR={cls.root}", "PREFIX=/usr", f"PROGRAMS={PROGRAMS}")

    def test_everything_is_where_it_belongs(self):
        for name in (
            "usr/bin/barycenterd", "usr/bin/baryctl", "usr/bin/barycenter", "usr/share/man/man1/baryctl.1",
            "usr/share/man/man1/barycenterd-sync-users.1", "usr/share/bash-completion/completions/baryctl",
            "usr/share/zsh/site-functions/_barycenterd", "usr/share/fish/vendor_completions.d/baryctl.fish",
            "usr/lib/systemd/system/barycenterd.service", "usr/lib/sysusers.d/barycenter.conf", "etc/barycenter/config.toml",
        ):  # fmt: skip
            self.assertTrue((self.root / name).exists(), name)
        run(self.root / "usr/bin/barycenter", "sync-users", "--help", env={})

    def test_an_operators_configuration_stays(self):
        path = self.root / "etc/barycenter/config.toml"
        before = path.read_text()
        path.write_text("# mine\n")
        self.install()
        self.assertEqual(path.read_text(), "# mine\n")
        path.write_text(before)

    def test_the_configuration_is_one_that_the_daemon_takes(self):
        run(program("barycenterd"), "--config", DEPLOY / "systemd/config.toml", "check-config", env={})

    def test_the_unit_is_sound_and_confined(self):
        unit = self.root / "usr/lib/systemd/system/barycenterd.service"
        self.assertNotIn("@", re.sub(r"@(system-service|privileged|resources)", "", unit.read_text()))
        # systemd-analyze looks for the programs and the pages on this machine: those of the folder stand in for them.
        text = unit.read_text().replace("/usr/bin/", f"{self.root}/usr/bin/").replace("Documentation=", "#")
        checked = self.root / "barycenterd.service"
        checked.write_text(text)
        run("systemd-analyze", "verify", "--man=no", checked)
        shown = run("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", checked)
        exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", shown.stdout).group(1)
        self.assertLessEqual(float(exposure), 2.0, shown.stdout)

    def test_the_unit_waits_for_what_the_daemon_tells(self):
        unit = (self.root / "usr/lib/systemd/system/barycenterd.service").read_text()
        for line in ("Type=notify", "WatchdogSec=30", "Restart=on-failure", "StartLimitIntervalSec=0", "RestartPreventExitStatus=2"):
            self.assertIn(f"\n{line}\n", unit)
        # Its exit code would be tried again and again: RestartPreventExitStatus= is about the main process only.
        self.assertNotIn("ExecStartPre=", unit)
        environment = {"BARYCENTER__SERVER__PORT": "x"}
        run(program("barycenterd"), "--config", self.root / "etc/barycenter/config.toml", code=2, env=environment)

    def test_the_user_can_be_made(self):
        run("systemd-sysusers", "--dry-run", self.root / "usr/lib/sysusers.d/barycenter.conf")

    def test_credentials_are_settings_that_there_are(self):
        text = (DEPLOY / "systemd/credentials.conf").read_text()
        loaded = set(re.findall(r"^LoadCredential=([^:]+):", text, re.M))
        used = re.findall(r"^Environment=(BARYCENTER__\w+)=%d/(\S+)$", text, re.M)
        self.assertEqual(loaded, {name for _, name in used})
        with tempfile.TemporaryDirectory() as folder:
            for name in loaded:
                (pathlib.Path(folder) / name).write_text("0123456789abcdef")
            variables = {variable: f"{folder}/{name}" for variable, name in used}
            variables["BARYCENTER__DATABASE__URL"] = "postgresql://barycenter@localhost/barycenter"
            run(program("barycenterd"), "check-config", env=variables, cwd=folder)


class Scripts(unittest.TestCase):
    def test_shell_scripts_are_clean(self):
        scripts = [*DEPLOY.rglob("*.sh"), *(ROOT / "tests").glob("*.sh"), *(ROOT / "examples").glob("*.sh")]
        # SC2329: functions that only a trap calls. SC2012: a folder of version numbers.
        run(TOOLS / "venv/bin/shellcheck", "--exclude", "SC2329,SC2012", *scripts)

    def test_without_a_cluster_the_journey_says_that_it_is_skipped(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"KUBECONFIG": f"{folder}/none", "HOME": folder}
            finished = run(DEPLOY / "e2e.sh", env=environment)
        self.assertRegex(finished.stdout, r"^skipped +e2e +no cluster answers")


class Compose(unittest.TestCase):
    def test_both_files_say_the_same_of_barycenter(self):
        files = {name: yaml.safe_load((DEPLOY / "compose" / name).read_text()) for name in ("compose.yaml", "compose.postgres.yaml")}
        for name, text in files.items():
            for service, of in text["services"].items():
                where = f"{name}: {service}"
                if "barycenter" in of["image"]:
                    self.assertIs(of["read_only"], True, where)
                    self.assertEqual(of["cap_drop"], ["ALL"], where)
                    self.assertIn("no-new-privileges", of["security_opt"], where)
                    self.assertIn(f"your-registry/barycenter:{VERSION}", of["image"], where)
                    self.assertNotIn("user", of, where)
                self.assertIn("mem_limit", of, where)
                for port in of.get("ports", []):
                    self.assertTrue("8081" not in port or port.startswith("127.0.0.1:"), f"{where}: {port}")
        replicas = [name for name in files["compose.postgres.yaml"]["services"] if name.startswith("barycenter-")]
        proxy = (DEPLOY / "compose/haproxy.cfg").read_text()
        self.assertEqual(len(replicas), 3)
        for replica in replicas:
            self.assertEqual(len(re.findall(rf"server {replica} {replica}:808[01]", proxy)), 2)

    def test_the_proxys_configuration_is_sound(self):
        finished = run("haproxy", "-c", "-f", DEPLOY / "compose/haproxy.cfg")
        # The names of the containers exist in their network only.
        warnings = [line for line in finished.stderr.splitlines() if "[WARNING]" in line and "could not resolve" not in line]
        self.assertEqual(warnings, [])

    def test_the_configuration_is_one_that_the_daemon_takes(self):
        run(program("barycenterd"), "--config", DEPLOY / "compose/config.toml", "check-config", env={})
        for name in ("compose.yaml", "compose.postgres.yaml"):
            services = yaml.safe_load((DEPLOY / "compose" / name).read_text())["services"]
            for service in services.values():
                variables = service.get("environment", {})
                if "BARYCENTER__SERVER__PUBLIC_BASE_URL" not in variables:
                    continue
                # As compose fills them in.
                filled = {of: re.sub(r"\$\{\w+:[-?]([^}]*)\}", r"\1", str(value)) for of, value in variables.items()}
                run(program("barycenterd"), "--config", DEPLOY / "compose/config.toml", "check-config", env=filled)

    def test_the_file_for_sqlite_comes_up_and_goes_down(self):
        import test_image

        support.build_image(IMAGE)
        reason = test_image.reason_not_to_run()
        if reason:
            self.skipTest(reason)
        folder = pathlib.Path(tempfile.mkdtemp(prefix="barycenter-compose-"))
        self.addCleanup(shutil.rmtree, folder)
        for name in ("compose.yaml", "config.toml", "users.json"):
            shutil.copy(DEPLOY / "compose" / name, folder)
        folder.chmod(0o755)
        ports = {name: str(free_port()) for name in ("BARYCENTER_PORT", "BARYCENTER_ADMIN_PORT")}
        # No healthcheck: podman would ask a running systemd for a timer. slirp4netns: no bridge, no firewall rules.
        network = {"services": {name: {"network_mode": "slirp4netns"} for name in ("user-sync", "barycenter")}}
        (folder / "network.yaml").write_text(yaml.safe_dump(network))
        compose = [
            TOOLS / "venv/bin/podman-compose", "--in-pod", "false", "--project-name", f"barycenter-check-{os.getpid()}",
            "--file", "compose.yaml", "--file", "network.yaml", "--podman-run-args=--no-healthcheck",
        ]  # fmt: skip
        environment = test_image.environment() | ports | {"BARYCENTER_IMAGE": IMAGE}
        try:
            run(*compose, "up", "--detach", cwd=folder, env=environment, timeout=120)
            url = f"http://127.0.0.1:{ports['BARYCENTER_PORT']}/readyz"
            deadline = time.monotonic() + 60
            while True:
                try:
                    with urllib.request.urlopen(url, timeout=5) as answer:
                        self.assertEqual(answer.read(), b"ok")
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        self.fail(run(*compose, "logs", cwd=folder, env=environment, code=None).stdout)
                    time.sleep(0.3)
            logs = run(*compose, "logs", "user-sync", cwd=folder, env=environment)
            self.assertIn("1 created", logs.stdout + logs.stderr)
        finally:
            run(*compose, "down", "--volumes", cwd=folder, env=environment, code=None, timeout=120)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    unittest.main()
