"""What the checks of deploy/ share: where things lie, how manifests are rendered, what a pod is."""

import functools
import json
import os
import pathlib
import re
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = ROOT / "target" / "deploy-tools"
KUBERNETES = DEPLOY / "kubernetes"
OVERLAY = DEPLOY / "overlays" / "postgres"
CHART = DEPLOY / "helm" / "barycenter"
GUIDE = ROOT / "tests" / "guide" / "manifests"
# The programs that cargo built: `cargo build --workspace`, which `cargo test --workspace` does not always do.
PROGRAMS = pathlib.Path(os.environ.get("BARYCENTER_PROGRAMS", ROOT / "target" / "debug"))
VERSION = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M).group(1)


def run(*arguments, code=0, **options):
    """Runs a command and returns its output; fails the test if it ends with another code (None: any)."""
    finished = subprocess.run(
        [str(argument) for argument in arguments], capture_output=True, text=True, timeout=options.pop("timeout", 300), **options
    )
    line = " ".join(str(argument) for argument in arguments)
    if code is not None and finished.returncode != code:
        raise AssertionError(
            f"$ {line}\nexpected exit code {code}, got {finished.returncode}\n{finished.stdout}\n{finished.stderr}"
        )
    return finished


def program(name):
    path = PROGRAMS / name
    if not path.exists():
        raise AssertionError(f"{path} is not built; run `cargo build --workspace` first, or `make test`")
    return path


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


@functools.cache
def _kustomize(folder):
    return run(TOOLS / "kubectl", "kustomize", folder).stdout


def kustomize(folder):
    return documents(_kustomize(folder))


@functools.cache
def _chart(values, settings):
    arguments = [TOOLS / "helm", "template", "barycenter", CHART, "--namespace", "barycenter"]
    for name in values:
        arguments += ["--values", CHART / "ci" / name]
    for setting in settings:
        arguments += ["--set", setting]
    return run(*arguments).stdout


def chart(*values, settings=()):
    return documents(_chart(values, tuple(settings)))


def files():
    """Returns every manifest that is applied as a file, the folder's and those beside it."""
    paths = [path for path in KUBERNETES.rglob("*.yaml") if not path.is_symlink() and path.name != "kustomization.yaml"]
    return {path: documents(path.read_text()) for path in sorted(paths)}


def everything():
    """Returns every set of manifests that we hand out, by name."""
    return {
        "files": [document for found in files().values() for document in found],
        "kustomize": kustomize(KUBERNETES),
        "postgres": kustomize(OVERLAY),
        "chart": chart(),
        "chart, postgres": chart("postgres.yaml"),
        "chart, everything": chart("everything.yaml"),
    }


def key(document):
    metadata = document["metadata"]
    return document["kind"], metadata.get("name", metadata.get("generateName"))


def find(found, kind, name):
    matching = [document for document in found if key(document) == (kind, name)]
    assert len(matching) == 1, f"{kind} {name}: {len(matching)} of them"
    return matching[0]


def template(document):
    """Returns the labels and the spec of the pods that a document makes, or nothing."""
    kind = document["kind"]
    if kind == "Pod":
        return document["metadata"].get("labels", {}), document["spec"]
    if kind == "CronJob":
        pod = document["spec"]["jobTemplate"]["spec"]["template"]
    elif kind in ("Deployment", "StatefulSet", "Job"):
        pod = document["spec"]["template"]
    else:
        return None
    return pod.get("metadata", {}).get("labels", {}), pod["spec"]


def pods(found):
    return [(key(document), *template(document)) for document in found if template(document)]


def containers(spec):
    return spec.get("initContainers", []) + spec["containers"]


def matches(selector, labels):
    """Whether a label selector (matchLabels, matchExpressions, or a Service's plain map) chooses these labels."""
    plain = selector.get("matchLabels", {} if "matchExpressions" in selector else selector)
    if any(labels.get(name) != value for name, value in plain.items()):
        return False
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In", expression
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return True


def quantity(text):
    """Returns a Kubernetes quantity as a number: cores or bytes."""
    text = str(text)
    for suffix, factor in (("Ki", 2**10), ("Mi", 2**20), ("Gi", 2**30), ("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9)):
        if text.endswith(suffix):
            return float(text[: -len(suffix)]) * factor
    return float(text)


def pretty(value):
    return json.dumps(value, indent=2, sort_keys=True)


@functools.cache
def build_image(tag):
    """Builds the image from the programs once in a run; the one that had the name before goes."""
    before = run("buildah", "images", "--quiet", "--no-trunc", tag, code=None).stdout.split()
    run(DEPLOY / "container/build.sh", PROGRAMS, tag)
    after = run("buildah", "images", "--quiet", "--no-trunc", tag).stdout.split()
    for image in set(before) - set(after):
        run("buildah", "rmi", image, code=None)
