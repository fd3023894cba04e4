"""deploy/container: the image is built offline, and runs as the manifests want it: ours and, unchanged, the guide's.

Needs buildah and podman, which tests/provision.sh installs. A machine that cannot run containers at all is told apart
from an image that does not run: then the tests that run it are skipped, and the reason is in the tally.
"""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import tempfile
import time
import unittest

import support
from support import GUIDE, KUBERNETES, PROGRAMS, ROOT, find, run

IMAGE = "localhost/barycenter:check"
PATIENCE = 60

# Without CAP_SYS_RESOURCE nobody may raise limits; podman's own defaults would.
CONTAINERS_CONF = """[containers]
default_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]
[engine]
runtime = "runc"
"""


def environment():
    path = support.TOOLS / "containers.conf"
    path.write_text(CONTAINERS_CONF)
    return os.environ | {"CONTAINERS_CONF": str(path)}


def podman(*arguments, **options):
    return run("podman", *arguments, env=environment(), **options)


def reason_not_to_run():
    """Returns why this machine runs no container, or nothing: an image of one program of this machine that ends at once."""
    finished = podman("run", "--rm", "--network", "slirp4netns", IMAGE, "baryctl", "version", code=None)
    if finished.returncode == 0:
        return None
    # 125, 126 and 127 are podman's and the runtime's own.
    return f"this machine runs no container: {finished.stderr.strip().splitlines()[-1]}" if finished.returncode in (125, 126) else None


class Volumes:
    """The volumes of a pod as folders, with the owners and modes that the kubelet gives them."""

    def __init__(self, folder, found, data=None):
        self.folder, self.found, self.data = pathlib.Path(folder), found, data or {}

    def path(self, volume, group):
        path = self.folder / volume["name"]
        if path.exists():
            return path
        path.mkdir()
        if "configMap" in volume:
            content = self.data.get("config") or find(self.found, "ConfigMap", volume["configMap"]["name"])["data"]
            self.fill(path, content, 0o644, group)
        elif "secret" in volume:
            secret = find(self.found, "Secret", volume["secret"]["secretName"])
            self.fill(path, secret["stringData"], volume["secret"].get("defaultMode", 0o644), group)
        elif group is not None:
            os.chown(path, 0, group)
            path.chmod(0o2775)
        else:
            path.chmod(0o777 if "emptyDir" in volume else 0o755)
        return path

    @staticmethod
    def fill(path, content, mode, group):
        for name, text in content.items():
            file = path / name
            file.write_text(text)
            file.chmod(mode)
            os.chown(file, 0, group or 0)


def arguments(spec, container, volumes):
    """Returns what `podman run` must be told to run a container as the kubelet would."""
    pod, own = spec.get("securityContext", {}), container.get("securityContext", {})
    context = pod | own
    limits = container.get("resources", {}).get("limits", {})
    words = ["--no-healthcheck", "--network", "slirp4netns"]
    if "runAsUser" in context:
        # Without runAsGroup the group is 0.
        words += ["--user", f"{context['runAsUser']}:{context.get('runAsGroup', 0)}"]
    if "fsGroup" in pod:
        words += ["--group-add", str(pod["fsGroup"])]
    if context.get("readOnlyRootFilesystem"):
        words += ["--read-only", "--read-only-tmpfs=false"]
    if not context.get("allowPrivilegeEscalation", True):
        words += ["--security-opt", "no-new-privileges"]
    words += [f"--cap-drop={name}" for name in context.get("capabilities", {}).get("drop", [])]
    if limits:
        words += ["--memory", str(int(support.quantity(limits["memory"]))), "--cpus", str(support.quantity(limits["cpu"]))]
    by_name = {volume["name"]: volume for volume in spec["volumes"]}
    for mount in container["volumeMounts"]:
        path = volumes.path(by_name[mount["name"]], pod.get("fsGroup"))
        words += ["--volume", f"{path}:{mount['mountPath']}{':ro' if mount.get('readOnly') else ''}"]
    for variable in container.get("env", []):
        words += ["--env", f"{variable['name']}={variable['value']}"]
    return words


def command(container):
    return container.get("command", [])


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.build_image(IMAGE)
        cls.reason = reason_not_to_run()
        cls.config = json.loads(run("buildah", "inspect", "--type", "image", IMAGE).stdout)["Docker"]["config"]

    def setUp(self):
        self.running = []
        self.folder = tempfile.mkdtemp(prefix="barycenter-image-")
        os.chmod(self.folder, 0o755)
        self.addCleanup(shutil.rmtree, self.folder)

    def tearDown(self):
        for name in self.running:
            podman("rm", "--force", "--time", "1", name, code=None)

    def needs_containers(self):
        if self.reason:
            self.skipTest(self.reason)

    def start(self, *words):
        name = podman("run", "--detach", *words).stdout.strip()
        self.running.append(name)
        return name

    def get(self, name, port, path):
        """Asks the container, as a probe does, until it answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                address = podman("port", name, f"{port}/tcp").stdout.strip()
                with contextlib.closing(http.client.HTTPConnection(address, timeout=5)) as connection:
                    connection.request("GET", path, headers={"Host": "localhost"})
                    answer = connection.getresponse()
                    text = answer.read().decode()
                if answer.status == 200:
                    return text
                complaint = f"{answer.status} {text}"
            except (OSError, http.client.HTTPException) as error:
                complaint = str(error)
            if time.monotonic() > deadline:
                logs = podman("logs", name, code=None)
                self.fail(f"GET :{port}{path}: {complaint}\n{logs.stdout}{logs.stderr}")
            time.sleep(0.2)

    def follows(self, found, data=None):
        """Runs the Deployment as the kubelet would: first the init container, then the server, then the CronJobs' pods."""
        self.needs_containers()
        spec = find(found, "Deployment", "barycenter")["spec"]["template"]["spec"]
        volumes = Volumes(self.folder, found, data)
        sync, server = spec["initContainers"][0], spec["containers"][0]
        synced = podman("run", "--rm", *arguments(spec, sync, volumes), IMAGE, *command(sync))
        self.assertIn("2 create", synced.stdout + synced.stderr)
        ports = [word for port in server["ports"] for word in ("--publish", f"127.0.0.1::{port['containerPort']}")]
        name = self.start(*arguments(spec, server, volumes), *ports, IMAGE, *command(server))
        numbers = {port["name"]: port["containerPort"] for port in server["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in server:
                get = server[probe]["httpGet"]
                self.get(name, numbers[get["port"]], get["path"])
        discovery = json.loads(self.get(name, numbers["public"], "/.well-known/openid-configuration"))
        self.assertEqual(discovery["issuer"], "https://auth.example.com")
        return spec, volumes, name

    def stops(self, name):
        started = time.monotonic()
        podman("stop", "--time", "30", name)
        self.assertLess(time.monotonic() - started, 25, "SIGTERM is not heard: PID 1 was killed")
        self.assertEqual(podman("inspect", name, "--format", "{{.State.ExitCode}}").stdout.strip(), "0")

    def test_it_says_how_it_is_to_be_run(self):
        self.assertRegex(self.config["User"], r"^[1-9][0-9]*:[1-9][0-9]*$", "a name cannot be checked by runAsNonRoot")
        self.assertEqual(self.config["WorkingDir"], "/app")
        self.assertEqual(self.config["Cmd"], ["barycenterd"])
        self.assertEqual(self.config["Healthcheck"]["Test"], ["CMD", "barycenterd", "healthcheck"])
        labels = self.config["Labels"]
        for label in ("title", "description", "licenses", "version", "revision"):
            self.assertTrue(labels[f"org.opencontainers.image.{label}"], label)
        self.assertEqual(labels["org.opencontainers.image.version"], support.VERSION)

    def test_it_holds_two_programs_and_no_shell(self):
        root = ROOT / "target/image/root"
        programs = sorted(path.name for path in root.rglob("*") if "bin" in path.parts[-2])
        self.assertEqual(programs, ["barycenter", "barycenterd", "baryctl"])
        for name in ("barycenterd", "baryctl"):
            self.assertEqual(os.readlink(root / "usr/local/bin" / name), "barycenter")
        self.assertEqual(list((root / "app").iterdir()), [], "a mounted ConfigMap hides what lies in /app")
        self.assertEqual((root / "tmp").stat().st_mode & 0o7777, 0o1777)

    def test_a_release_has_at_most_40_megabytes(self):
        if PROGRAMS.name != "release":
            self.skipTest("the programs are a debug build; deploy/container/build.sh checks this for a release")
        size = json.loads(podman("image", "inspect", IMAGE).stdout)[0]["Size"]
        self.assertLessEqual(size, 40_000_000)

    def test_every_program_runs_with_nothing_mounted_and_a_read_only_root(self):
        self.needs_containers()
        for words in (["baryctl", "version"], ["barycenterd", "--help"], ["barycenter", "sync-users", "--help"]):
            podman("run", "--rm", "--no-healthcheck", "--read-only", "--cap-drop=ALL", "--network", "none", IMAGE, *words)

    def test_it_serves_with_nothing_but_a_volume(self):
        self.needs_containers()
        data = pathlib.Path(self.folder) / "data"
        data.mkdir()
        os.chown(data, 1000, 1000)
        name = self.start(
            "--no-healthcheck", "--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL", "--network", "slirp4netns",
            "--tmpfs", "/tmp", "--publish", "127.0.0.1::8080", "--volume", f"{data}:/data", IMAGE,
        )  # fmt: skip
        self.assertEqual(self.get(name, 8080, "/readyz"), "ok")
        podman("exec", name, "barycenterd", "healthcheck")
        self.assertIn("sqlite", podman("exec", name, "baryctl", "--token-file", "/data/admin.token", "status").stdout)
        self.assertEqual(oct((data / "private_key.pem").stat().st_mode & 0o777), "0o600")
        self.stops(name)

    def test_our_manifests_run(self):
        spec, volumes, name = self.follows(support.kustomize(KUBERNETES))
        podman("exec", name, "barycenterd", "healthcheck")
        for job in ("barycenter-user-sync", "barycenter-backup"):
            with self.subTest(job):
                found = support.kustomize(KUBERNETES)
                pod = support.template(find(found, "CronJob", job))[1]
                container = pod["containers"][0]
                podman("run", "--rm", *arguments(pod, container, volumes), IMAGE, *command(container))
        backups = list((pathlib.Path(self.folder) / "backup").iterdir())
        self.assertEqual(len(backups), 1, backups)
        self.assertRegex(backups[0].name, r"^barycenter-\d{8}T\d{6}Z\.tar$")
        self.stops(name)
        # And back again, with no server running.
        (restore,) = support.documents((KUBERNETES / "jobs/restore-job.yaml").read_text())
        pod = support.template(restore)[1]
        words = [word.replace("barycenter-YYYYMMDDTHHMMSSZ.tar", backups[0].name) for word in command(pod["containers"][0])]
        podman("run", "--rm", *arguments(pod, pod["containers"][0], volumes), IMAGE, *words)

    def test_the_guides_manifests_run_unchanged(self):
        """But for the name of the image: the init container as the image's user, the server as 1000:0 with fsGroup 1000."""
        found = [document for path in sorted(GUIDE.glob("*.yaml")) for document in support.documents(path.read_text())]
        spec, volumes, name = self.follows(found)
        for kind in ("Job", "CronJob"):
            pod = support.template(find(found, kind, "barycenter-user-sync"))[1]
            container = pod["containers"][0]
            # The job's pod has no fsGroup of its own: the volume is as the Deployment left it.
            synced = podman("run", "--rm", *arguments(pod, container, volumes), IMAGE, *command(container))
            self.assertIn("nothing to do", synced.stdout + synced.stderr)
        self.stops(name)


if __name__ == "__main__":
    unittest.main()
