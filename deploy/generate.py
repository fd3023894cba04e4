#!/usr/bin/env python3
"""Writes what is made of something else, and checks that it is current: generate.py [--check].

| file | made of |
|---|---|
| helm/barycenter/values.schema.json: `config` | schema/config.schema.json |
| helm/barycenter/files/, kubernetes/monitoring/ | monitoring/ |
| docs/src/reference/ | schema/, man/ |

Only Python's own library is needed. With --check nothing is written: a file that is not current is named, exit code 1.
"""

import json
import pathlib
import re
import sys

DEPLOY = pathlib.Path(__file__).resolve().parent
ROOT = DEPLOY.parent
KINDS = {"integer": "number", "string": "text", "boolean": "true or false", "array": "list", "object": "table"}


def load(path):
    return json.loads((ROOT / path).read_text())


def values_schema():
    """The chart's schema with the configuration's in it: helm refuses what the daemon would refuse. Secrets are left
    out, since a ConfigMap is no place for them; null leaves a key out."""
    path = DEPLOY / "helm/barycenter/values.schema.json"
    schema = json.loads(path.read_text())
    sections = {}
    for name, section in load("schema/config.schema.json")["properties"].items():
        keys = {}
        for key, value in section["properties"].items():
            if value.get("writeOnly"):
                continue
            value = {inner: of for inner, of in value.items() if inner not in ("format", "default", "description")}
            description = section["properties"][key]["description"]
            keys[key] = {"description": description, "anyOf": [value, {"type": "null"}]}
        sections[name] = {
            "description": section["description"],
            "type": "object",
            "additionalProperties": False,
            "properties": keys,
        }
    for key in ("port", "admin_port", "public_base_url"):
        # The Services and the Ingress are made of these.
        sections["server"]["properties"][key] = sections["server"]["properties"][key]["anyOf"][0] | {
            "description": sections["server"]["properties"][key]["description"]
        }
    sections["server"]["required"] = ["port", "admin_port", "public_base_url"]
    schema["properties"]["config"] = {
        "description": "config.toml: section, key, value.",
        "type": "object",
        "additionalProperties": False,
        "required": ["server"],
        "properties": sections,
    }
    return {path: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"}


def indented(text, columns):
    return "".join(" " * columns + line if line.strip() else line for line in text.splitlines(keepends=True))


def monitoring():
    """Alerts and dashboard where kustomize and helm can reach them: within their own folders."""
    alerts = (DEPLOY / "monitoring/alerts.yaml").read_text()
    rules = alerts[alerts.index("groups:") :]
    dashboard = (DEPLOY / "monitoring/dashboard.json").read_text()
    rule = f"""# Generated from deploy/monitoring/alerts.yaml.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: barycenter
  namespace: barycenter
  labels:
    app: barycenter
spec:
{indented(rules, 2)}"""
    return {
        DEPLOY / "kubernetes/monitoring/prometheusrule.yaml": rule,
        DEPLOY / "kubernetes/monitoring/dashboard.json": dashboard,
        DEPLOY / "helm/barycenter/files/alerts.yaml": rules,
        DEPLOY / "helm/barycenter/files/dashboard.json": dashboard,
    }


def outputs():
    return values_schema() | monitoring()


def main():
    check = "--check" in sys.argv[1:]
    stale = []
    for path, text in outputs().items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for path in stale:
        print(f"{'not current' if check else 'written'}: {path.relative_to(ROOT)}")
    if check and stale:
        print("run deploy/generate.py, or `make bless`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
