"""docs/: every command block is executed or checked, every file fits, every link leads somewhere, the book builds.

| block | what happens to it |
|---|---|
| `bash,run` | executed, in the order of the page, in a folder with SQLite, config.toml, users.json and realm.json |
| `bash` | each command: our programs parse it, kubectl's and helm's objects, files and values are there, others are known |
| `toml` | `barycenterd check-config` takes it |
| `json` | a users file that `barycenterd sync-users` takes |
| `yaml` | a manifest that fits Kubernetes's schemas, or values that the chart takes (`# values`), or another tool's file |
| `text` | nothing |

Another kind of block is an error.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import tempfile
import unittest

import yaml

import support
from support import CHART, DEPLOY, KUBERNETES, OVERLAY, PROGRAMS, ROOT, TOOLS, key, kustomize, program, run

DOCS = ROOT / "docs" / "src"
PAGES = sorted(DOCS.rglob("*.md"))

# Programs of the system that need no check of ours.
OTHERS = {
    "base64", "cargo", "cat", "echo", "journalctl", "make", "mkdir", "openssl", "printf", "python3", "systemctl",
    "systemd-sysusers", "test", "tr", "true",
}  # fmt: skip
OPERATORS = {"|", "||", "&&", ";", "&", "\n"}
ROUTES = {"/.well-known/openid-configuration", "/livez", "/readyz", "/metrics", "/admin/playground"}


def blocks(path):
    """Returns the blocks of a page: their kind, the line at which they begin, their text."""
    found, kind, start, lines = [], None, 0, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            if kind is None:
                kind, start, lines = line[3:].strip(), number, []
            else:
                found.append((kind, start, "\n".join(lines) + "\n"))
                kind = None
        elif kind is not None:
            lines.append(line)
    assert kind is None, f"{path}: a block has no end"
    return found


def commands(text):
    """Returns the simple commands of a script as lists of words, redirections left out."""
    text = re.sub(r"\\\n", " ", text)
    text = re.sub(r"\|\s*\n", "| ", text)
    found = []
    # What is within $(…) is checked on its own.
    while (start := text.find("$(")) >= 0:
        depth, end = 1, start + 2
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found += commands(text[start + 2 : end - 1])
        text = f"{text[:start]}value{text[end:]}"
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        words = []
        skip = False
        for word in [*lexer, "\n"]:
            if word in OPERATORS:
                while words and re.match(r"^\w+=", words[0]):
                    words.pop(0)
                if words:
                    found.append(words)
                words = []
            elif word in ("<", ">", ">>"):
                skip = True
            elif skip:
                skip = False
            else:
                words.append(word)
    return found


class Docs(unittest.TestCase):
    def every(self, kind):
        for path in PAGES:
            for of, line, text in blocks(path):
                if of == kind:
                    yield f"{path.relative_to(ROOT)}:{line}", path, text

    def test_every_block_is_of_a_kind_that_is_checked(self):
        for path in PAGES:
            for kind, line, _ in blocks(path):
                self.assertIn(kind, {"bash", "bash,run", "toml", "json", "yaml", "text"}, f"{path.relative_to(ROOT)}:{line}")

    def test_what_can_be_executed_is_executed(self):
        for path in PAGES:
            texts = [text for kind, _, text in blocks(path) if kind == "bash,run"]
            if not texts:
                continue
            with self.subTest(path.name), tempfile.TemporaryDirectory() as folder:
                self.lay_out(pathlib.Path(folder), path)
                script = "set -euo pipefail\n" + "\n".join(texts)
                environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": folder, "BARYCENTER_CONFIG": f"{folder}/config.toml"}
                finished = run("bash", "-x", "-c", script, cwd=folder, env=environment, code=None)
                self.assertEqual(finished.returncode, 0, f"{path.relative_to(ROOT)}\n{finished.stdout}\n{finished.stderr}")

    def lay_out(self, folder, path):
        (folder / "config.toml").write_text(
            '[database]\nurl = "sqlite://./barycenter.db?mode=rwc"\n'
            '[keys]\nprivate_key_path = "./private_key.pem"\njwks_path = "./jwks.json"\n'
        )
        examples = [text for kind, _, text in blocks(path) if kind == "json"]
        (folder / "users.json").write_text(examples[0] if examples else (ROOT / "examples/users.json").read_text())
        shutil.copy(DEPLOY / "tests/realm.json", folder)
        (folder / "first.json").write_text('{"manager": "first", "users": []}')
        # A database and a root key, as the first start leaves them.
        run(program("barycenterd"), "sync-users", "--file", "first.json", "--allow-empty", cwd=folder, env={})

    def test_commands_are_ones_that_there_are(self):
        for kind in ("bash", "bash,run"):
            for where, _, text in self.every(kind):
                for words in commands(text):
                    with self.subTest(" ".join(words)):
                        self.command(where, words)

    def command(self, where, words):
        place = f"{where}: {' '.join(words)}"
        name, rest = words[0], words[1:]
        if name == "sudo":
            if rest[0] == "-u":
                rest = rest[2:]
            return self.command(where, rest)
        if name in ("baryctl", "barycenterd", "barycenter"):
            self.ours(place, name, rest)
        elif name == "kubectl":
            self.kubectl(place, rest)
        elif name == "helm":
            self.helm(place, rest)
        elif name in ("podman", "docker"):
            self.engine(place, rest)
        elif name == "curl":
            for url in (word for word in rest if word.startswith("http")):
                self.assertIn(re.sub(r"^https?://[^/]*|\?.*", "", url), ROUTES, place)
        elif name in ("deploy/container/build.sh",):
            self.assertTrue((ROOT / name).is_file(), place)
        elif name == "install":
            self.assertIn("credentials.conf", " ".join(rest), place)
        else:
            self.assertIn(name, OTHERS, place)
            if name == "make":
                self.assertRegex((ROOT / "Makefile").read_text(), rf"(?m)^{rest[0]}:", place)

    def ours(self, place, name, rest):
        name = "barycenterd" if name == "barycenter" else name
        finished = run(program(name), *rest, "--help", env={}, code=None)
        self.assertEqual(finished.returncode, 0, f"{place}\n{finished.stderr}")

    def kubectl(self, place, rest):
        everything = support.everything().values()
        known = {key(document) for found in everything for document in found}
        names = {
            "deployment": "Deployment", "svc": "Service", "cronjob": "CronJob", "job": "Job", "statefulset": "StatefulSet",
            "secret": "Secret", "configmap": "ConfigMap",
        }  # fmt: skip
        # What the docs' own commands make.
        made = {("Job", "user-sync-now"), ("Job", "backup-now"), ("Secret", "postgres-secret"), ("Secret", "barycenter-keys")}
        if "--" in rest:
            inside = rest[rest.index("--") + 1 :]
            rest = rest[: rest.index("--")]
            if inside[0] not in ("pg_dump", "pg_restore"):
                self.command(place, inside)
        verbs = {
            "apply", "create", "delete", "describe", "exec", "get", "logs", "port-forward", "rollout", "scale", "set", "wait",
        }  # fmt: skip
        self.assertIn(rest[0], verbs, place)
        for number, word in enumerate(rest):
            if word in ("-f", "-k") and rest[number + 1] != "-":
                path = ROOT / rest[number + 1]
                self.assertTrue(path.exists(), f"{place}: {path}")
                if word == "-k":
                    kustomize(path)
            if word == "--namespace":
                self.assertEqual(rest[number + 1], "barycenter", place)
            if word.startswith("deploy/"):
                continue
            if match := re.match(r"^(?:--from=)?([a-z]+)/([a-z0-9-]+)$", word):
                self.assertIn(match[1], names, place)
                self.assertIn((names[match[1]], match[2]), known | made, place)
            if word == "--container":
                containers = {container["name"] for found in everything for _, _, spec in support.pods(found) for container in support.containers(spec)}
                self.assertIn(rest[number + 1], containers, place)
            if word == "--selector":
                wanted = dict(part.split("=") for part in rest[number + 1].split(","))
                labels = [labels for found in everything for _, labels, _ in support.pods(found)]
                self.assertTrue(any(wanted.items() <= of.items() for of in labels), place)
        # kubectl itself knows the flags: --help does not look at them, so an unknown one is asked about.
        flags = [word.split("=")[0] for word in rest if word.startswith("--")]
        depth = 2 if rest[0] in ("rollout", "set") or rest[:2] == ["create", "secret"] else 1
        verb = rest[: 3 if rest[:3] == ["create", "secret", "generic"] else depth]
        if rest[:2] == ["create", "job"]:
            verb = rest[:2]
        shown = _kubectl_help(tuple(verb))
        for flag in flags:
            self.assertIn(flag, shown, place)

    def helm(self, place, rest):
        self.assertIn(rest[0], {"install", "upgrade", "uninstall", "test"}, place)
        settings = [rest[number + 1] for number, word in enumerate(rest) if word == "--set"]
        for word in rest:
            if "/" in word and word.startswith("deploy"):
                self.assertEqual(ROOT / word, CHART, place)
        if settings:
            support.chart(settings=settings)

    def engine(self, place, rest):
        self.assertIn(rest[0], {"build", "run", "compose"}, place)
        for number, word in enumerate(rest):
            if word in ("-f", "--file") and rest[0] != "run":
                self.assertTrue((ROOT / rest[number + 1]).is_file(), place)
        if rest[0] == "run" and "barycenter:0.1.0" in rest:
            inside = rest[rest.index("barycenter:0.1.0") + 1 :]
            if inside:
                self.command(place, inside)
        if rest[0] == "compose":
            services = yaml.safe_load((ROOT / rest[2]).read_text())["services"]
            if rest[3] in ("run", "exec"):
                words = [word for word in rest[4:] if word != "--rm"]
                self.assertIn(words[0], services, place)
                if len(words) > 1:
                    self.command(place, words[1:])

    def test_configurations_are_ones_that_the_daemon_takes(self):
        for where, _, text in self.every("toml"):
            with tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "config.toml").write_text(text)
                finished = run(program("barycenterd"), "--config", f"{folder}/config.toml", "check-config", env={}, code=None)
                self.assertEqual(finished.returncode, 0, f"{where}\n{finished.stderr}")

    def test_users_files_are_ones_that_a_sync_takes(self):
        import jsonschema

        schema = json.loads((ROOT / "schema/users.schema.json").read_text())
        for where, path, text in self.every("json"):
            jsonschema.validate(json.loads(text), schema)
            with tempfile.TemporaryDirectory() as folder:
                self.lay_out(pathlib.Path(folder), path)
                (pathlib.Path(folder) / "users.json").write_text(text)
                for name in re.findall(r"\$\{(\w+)\}", text):
                    (pathlib.Path(folder) / name).write_text("a-value-that-is-long-enough")
                finished = run(program("barycenterd"), "sync-users", "--file", "users.json", "--secrets-dir", folder, cwd=folder, env={}, code=None)
                self.assertEqual(finished.returncode, 0, f"{where}\n{finished.stderr}")

    def test_manifests_and_values_are_ones_that_are_taken(self):
        import kubernetes_validate

        for where, _, text in self.every("yaml"):
            for document in support.documents(text):
                if "apiVersion" in document:
                    kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
                elif text.startswith("# values"):
                    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                        file.write(text)
                        file.flush()
                        run(TOOLS / "helm", "template", "barycenter", CHART, "--values", file.name)
                elif text.startswith("# prometheus.yml"):
                    with tempfile.TemporaryDirectory() as folder:
                        shutil.copy(DEPLOY / "monitoring/alerts.yaml", folder)
                        (pathlib.Path(folder) / "prometheus.yml").write_text(text)
                        run("promtool", "check", "config", "prometheus.yml", cwd=folder)
                else:
                    self.assertTrue(text.startswith("# blackbox.yml"), where)

    def test_every_link_leads_somewhere(self):
        def anchors(path):
            titles = re.findall(r"(?m)^#+ (.*)$", path.read_text())
            return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}

        for path in PAGES:
            for target in re.findall(r"\]\(([^)]+)\)", path.read_text()):
                if re.match(r"https?:", target):
                    continue
                name, _, anchor = target.partition("#")
                file = (path.parent / name).resolve() if name else path
                self.assertTrue(file.is_file(), f"{path.relative_to(ROOT)}: {target}")
                if anchor:
                    self.assertIn(anchor, anchors(file), f"{path.relative_to(ROOT)}: {target}")

    def test_every_page_is_in_the_summary(self):
        listed = {(DOCS / name).resolve() for name in re.findall(r"\]\(([^)]+)\)", (DOCS / "SUMMARY.md").read_text())}
        self.assertEqual(listed | {DOCS / "SUMMARY.md"}, set(PAGES))

    def test_files_that_are_named_are_there(self):
        for path in PAGES:
            if path.parent.name == "reference":
                continue
            for name in re.findall(r"`((?:deploy|schema|docs|man)/[\w./-]*)`", path.read_text()):
                self.assertTrue((ROOT / name).exists(), f"{path.relative_to(ROOT)}: {name}")
            for name in re.findall(r"`((?:options|jobs|monitoring)/[\w./-]*)`", path.read_text()):
                self.assertTrue((KUBERNETES / name).exists(), f"{path.relative_to(ROOT)}: {name}")
        tree = blocks(DOCS / "deploy/kubernetes.md")[0][2]
        for name in re.findall(r"[\w.-]+\.yaml|Kustomization", tree):
            self.assertTrue((KUBERNETES / name).exists(), name)
        self.assertTrue(OVERLAY.is_dir())

    def test_the_book_builds(self):
        finished = run(TOOLS / "venv/bin/mdbook", "build", ROOT / "docs")
        self.assertNotRegex(finished.stderr, r"\bWARN|\bERROR")


def _kubectl_help(verb, seen={}):
    if verb not in seen:
        options = run(TOOLS / "kubectl", "options").stdout
        seen[verb] = run(TOOLS / "kubectl", *verb, "--help").stdout + options
    return seen[verb]


if __name__ == "__main__":
    unittest.main()
